"""JVMs that do not hear a request to stop, and that no SIGCONT brings back."""

import ctypes
import os
import threading
from pathlib import Path

SEIZE, INTERRUPT = 0x4206, 0x4207
# waitpid(2): also for threads that are not processes
WALL = 0x40000000


def deafen(java: int) -> None:
    """Stops the one thread that acts on the JVM's signals, as a debugger does, for as long as this process lives:
    the JVM goes on, and a SIGTERM changes nothing."""
    tasks = Path(f"/proc/{java}/task")
    (thread,) = [int(task.name) for task in tasks.iterdir() if (task / "comm").read_text() == "Signal Dispatch\n"]
    libc = ctypes.CDLL(None, use_errno=True)
    for request in (SEIZE, INTERRUPT):
        if libc.ptrace(request, thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")
    assert os.WIFSTOPPED(os.waitpid(thread, WALL)[1])
    # Once it is killed its end must be taken note of, or it stays in the list of threads.
    threading.Thread(target=os.waitpid, args=(thread, WALL), daemon=True).start()
