"""Whether a run that is killed leaves anything on the machine."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .hosts import cgroups, remains
from .machine import TESTS
from .results import Result, judged

NAME = "nothing_is_left_of_a_run_that_is_killed"
WHAT_BOOTS = "the_driver_loses_power"


def tests() -> Iterator[Result]:
    yield judged(NAME, problem())


def problem() -> str:
    """Why the test failed, or nothing."""
    with tempfile.TemporaryDirectory(prefix="kafnix-leftovers-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-B", "-m", "harness", "hosts", WHAT_BOOTS],
            env={**os.environ, "TMPDIR": folder, "PYTHONPATH": str(TESTS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            booted = booting(Path(folder), process)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        if not booted:
            return f"no host booted: {process.stdout.read().decode() if process.stdout else ''}"
        # the first process of the namespaces dies with the run, and all others with it
        left = wait_until_gone(folder)
        remains.sweep(Path(folder))
        return left or "; ".join(f"{path} is left" for path in [*Path(folder).iterdir(), *groups(folder)])


def booting(folder: Path, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + 300
    while time.monotonic() < end and process.poll() is None:
        if list(folder.glob("*/*.console")) and loops(folder):
            return True
        time.sleep(0.1)
    return False


def wait_until_gone(folder: str) -> str:
    end = time.monotonic() + 60
    while left := [*processes(folder), *loops(Path(folder)), *mounts(folder)]:
        if time.monotonic() > end:
            return f"{', '.join(left)} outlives the run"
        time.sleep(0.2)
    return ""


def processes(folder: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if folder in words:
            found.append(f"process {process.name}")
    return found


def loops(folder: Path) -> list[str]:
    listed = subprocess.run(
        ["losetup", "--list", "--noheadings", "--output", "NAME,BACK-FILE"], capture_output=True, check=True
    )
    lines = listed.stdout.decode().splitlines()
    shelves = [str(path) for path in folder.glob("*/shelf.xfs")]
    return [line.split()[0] for line in lines if any(shelf in line for shelf in shelves)]


def mounts(folder: str) -> list[str]:
    return [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines() if folder in line]


def groups(folder: str) -> list[Path]:
    names = [path.name for path in Path(folder).iterdir()]
    return [group for name in names for group in cgroups.of(name) if group.exists()]
