"""Waits on states, never on time: a limit is there only to end a test that would never end."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
# Where a wait ends that would never end by itself, on a machine that does much else, too.
PATIENCE = 300.0


def wait(what: str, state: Callable[[], T | None], within: float = PATIENCE) -> T:
    """Asks until the answer is true or not empty, and returns it."""
    end = time.monotonic() + within
    last: object = None
    while time.monotonic() < end:
        try:
            last = state()
            if last:
                return last
        except (OSError, ValueError) as error:
            last = error
        # `kafnix local status` asks six servers
        time.sleep(0.3)
    raise AssertionError(f"waited {within:.0f} s for: {what}; the last answer was {last!r}")


def is_running(process: int) -> bool:
    """One that has ended stays in the list of processes until the first one has taken its status."""
    with suppress(FileNotFoundError, ProcessLookupError):
        state, *_ = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return state not in {"Z", "X"}
    return False
