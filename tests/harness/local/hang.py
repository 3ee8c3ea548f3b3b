"""Processes that do not hear a request to stop and that no SIGCONT brings back, or that not even SIGKILL ends."""

import ctypes
import os
import threading
from pathlib import Path

SEIZE, INTERRUPT = 0x4206, 0x4207
# a process that ends stops before it is gone
TRACE_EXIT = 0x40
# waitpid(2): also for threads that are not processes
WALL = 0x40000000


def ptrace(request: int, thread: int, data: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(request, thread, None, ctypes.c_void_p(data)) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def deafen(java: int) -> None:
    """Stops the one thread that acts on the JVM's signals, as a debugger does, for as long as this process lives:
    the JVM goes on, and a SIGTERM changes nothing."""
    tasks = Path(f"/proc/{java}/task")
    (thread,) = [int(task.name) for task in tasks.iterdir() if (task / "comm").read_text() == "Signal Dispatch\n"]
    ptrace(SEIZE, thread)
    ptrace(INTERRUPT, thread)
    assert os.WIFSTOPPED(os.waitpid(thread, WALL)[1])
    # Once it is killed its end must be taken note of, or it stays in the list of threads.
    threading.Thread(target=os.waitpid, args=(thread, WALL), daemon=True).start()


def undying(process: int) -> None:
    """Keeps what is left of a process that is killed, as a disk that does not answer does, for as long as this
    process lives."""
    for task in Path(f"/proc/{process}/task").iterdir():
        ptrace(SEIZE, int(task.name), TRACE_EXIT)
