"""Runs tests side by side, each in a process of its own: most of the time a test waits. How its tests are alone on
the machine, and what became of each, is the business of the runner that uses this."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

# What a runner ends with, but for 0, where all have passed, and 1, where one has failed.
USAGE, SKIPPED = 2, 77
# What the servers or the hosts of one test take, with what the kernel keeps of their files.
MEMORY = 5 << 30


def at_once() -> int:
    """How many tests run side by side."""
    if wanted := os.environ.get("KAFNIX_AT_ONCE"):
        return max(1, int(wanted))
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
    return 2 if available > 2 * MEMORY else 1


class Job:
    """A test that runs. What it says is in a file of its folder, which is its own."""

    def __init__(self, prefix: str, limit: float | None, command: Callable[[Path], list[str]]):
        self.folder = Path(tempfile.mkdtemp(prefix=prefix))
        (self.folder / "owner").write_text(str(os.getpid()))
        # what takes longer hangs
        self.limit = limit
        self.begun = time.monotonic()
        self.seconds = 0.0
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command(self.folder), stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=dies_with_us
            )

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def is_over(self) -> bool:
        self.seconds = time.monotonic() - self.begun
        if self.process.poll() is None and self.limit and self.seconds > self.limit:
            self.end()
            with self.output.open("a") as output:
                output.write(f"still running after {self.limit:.0f} s\n")
        return self.process.poll() is not None

    def end(self) -> None:
        """Kills it, and with the first process of its namespaces all that it has started."""
        self.process.kill()
        self.process.wait()

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


J = TypeVar("J", bound=Job)


def dies_with_us() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    # a shell starts what it runs in the background with this one ignored
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def abandoned(prefix: str, within: Path | None = None) -> list[Path]:
    """The folders of runs that are over: one was killed, or what has failed in it was to be looked at."""
    owners = (within or Path(tempfile.gettempdir())).glob(f"{prefix}*/owner")
    return [owner.parent for owner in owners if not Path("/proc", owner.read_text() or "gone").exists()]


def side_by_side(starts: Iterable[Callable[[], J]], most: int) -> Iterator[J]:
    """Each job when it is over; so many run at once. However this ends, none outlives it."""
    waiting = iter(starts)
    running: list[J] = []
    try:
        while True:
            while len(running) < most and (start := next(waiting, None)):
                running.append(start())
            if not running:
                return
            for job in [job for job in running if job.is_over()]:
                yield job
                running.remove(job)
            time.sleep(0.1)
    finally:
        for job in running:
            job.end()
            job.discard()


def result(passed: int, failed: int) -> int:
    """Says how many have passed and failed; what the runner ends with."""
    if not passed and not failed:
        print("nothing of it can run here")
        return SKIPPED
    print(f"passed {passed} failed {failed}")
    return 1 if failed else 0


def nothing_named(name: str, what: str) -> int:
    """Says that there is no such test; what the runner ends with."""
    print(f"no {what} has `{name}` in its name")
    return USAGE
