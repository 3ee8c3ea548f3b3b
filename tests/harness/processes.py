"""Processes that tests start, and their folders: whatever ends the harness ends these, too, and what a killed run
has left is taken away by the next one."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

Command = Sequence[str | Path]
# Before a command: it ends with the thread that has started it, and can be interrupted, which a shell keeps from
# what it runs in the background.
OURS = ["setpriv", "--pdeathsig", "KILL", "env", "--default-signal=INT"]
# Namespaces of its own for a process, with all that it starts: they end with it.
ALONE = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


class Running:
    """Every process that the harness waits for, so that an interrupted run ends them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.processes: set[subprocess.Popen[bytes]] = set()
        self.closed = False

    def start(
        self,
        command: Command,
        output: IO[bytes],
        errors: IO[bytes] | int,
        environment: Mapping[str, str],
        folder: Path | None,
    ) -> subprocess.Popen[bytes]:
        with self.lock:
            if self.closed:
                raise InterruptedError("the run is over")
            process = subprocess.Popen(
                [*OURS, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env={**os.environ, **environment},
                cwd=folder,
                # so that all that it starts can be ended with it
                start_new_session=True,
            )
            self.processes.add(process)
            return process

    def ended(self, process: subprocess.Popen[bytes]) -> None:
        with self.lock:
            self.processes.discard(process)

    def end(self) -> None:
        """Ends all, and lets no other one begin."""
        with self.lock:
            self.closed = True
            for process in self.processes:
                kill(process)


RUNNING = Running()


def kill(process: subprocess.Popen[bytes]) -> None:
    """With what it has started in its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run(
    command: Command,
    output: Path | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    limit: float | None = None,
    apart: bool = False,
) -> tuple[int, str]:
    """Runs a command to its end, in the thread that asks: its status, and all that it has said. `apart` keeps
    its errors out of that where it succeeds."""
    with tempfile.TemporaryFile() if output is None else output.open("wb+") as file, tempfile.TemporaryFile() as errors:
        process = RUNNING.start(command, file, errors if apart else subprocess.STDOUT, environment or {}, folder)
        try:
            process.wait(limit)
            hung = ""
        except subprocess.TimeoutExpired:
            kill(process)
            process.wait()
            hung = f"\nstill running after {limit:.0f} s\n"
            if output:
                file.write(hung.encode())
        finally:
            RUNNING.ended(process)
        said = b""
        for one in [file] if not apart or process.returncode == 0 else [file, errors]:
            one.seek(0)
            said += one.read()
        return process.returncode, said.decode(errors="replace") + hung


def folder_of(prefix: str) -> Path:
    """A folder for one test, which bears the number of the process that it belongs to."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    (folder / "owner").write_text(str(os.getpid()))
    return folder


def abandoned(prefix: str, within: Path | None = None) -> list[Path]:
    """The folders of runs that are over: one was killed, or what has failed in it was to be looked at."""
    owners = (within or Path(tempfile.gettempdir())).glob(f"{prefix}*/owner")
    return [owner.parent for owner in owners if not Path("/proc", owner.read_text() or "gone").exists()]


def sweep(prefix: str) -> None:
    for folder in abandoned(prefix):
        shutil.rmtree(folder, ignore_errors=True)


def as_init(work: Callable[[], int]) -> int:
    """Does the work as a child of the namespaces' first process, which takes every orphan's status as
    init does on a machine. Else a server whose launcher was killed would stay in the list of processes."""
    child = os.fork()
    if child == 0:
        os._exit(work())
    while True:
        ended, status = os.wait()
        if ended == child:
            return os.waitstatus_to_exitcode(status)


def alone(*more: str) -> list[str]:
    """Before a command that is to run in namespaces of its own."""
    rest = [*ALONE[1:], *more]
    return [ALONE[0], *rest] if os.geteuid() == 0 else [ALONE[0], "--user", "--map-root-user", *rest]
