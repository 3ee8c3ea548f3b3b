"""Does what there is to do: each work when those that it needs have ended well and there is room for it, in a thread
of its own. Most of the time a test waits, so that many fit one machine."""

import os
import queue
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .processes import RUNNING
from .results import Outcome, Result, Skipped, failed, skipped

GIB = 1 << 30
# What is left to the machine itself.
KEPT_FREE = 2 * GIB
# What keeps a processor busy waits at times, for a disk or the network.
OVERCOMMIT = 1.2


@dataclass(eq=False)
class Work:
    """What is done as one. The works of a run are in the order in which they are begun, when there is room."""

    # the tier whose results these are; none for what only prepares others
    tier: str
    name: str
    # It raises Skipped where the machine lacks something for all of it. Any other exception is a failure.
    run: Callable[[], Iterable[Result]]
    needs: Sequence["Work"] = ()
    # what it only waits for, however that ends, where it is of this run
    after: Sequence["Work"] = ()
    # how many processors it keeps busy, and the memory it takes
    cores: float = 1.0
    memory: int = 1 * GIB
    # the names of its tests, where they are known before; else how all of them begin, where that is known
    tests: Sequence[str] = ()
    prefix: str = ""
    # whether it is of a quick run, or of a long one alone
    quick: bool = False
    long: bool = False
    # Why it did not end well, once it has ended.
    problem: str | None = field(default=None, init=False)

    def may_have(self, name: str) -> bool:
        """Whether one of its tests may have this in its name."""
        if self.tests:
            return any(name in test for test in self.tests)
        return name in self.prefix or name.startswith(self.prefix)

    def lacks(self) -> str:
        return next((f"{work.name}: {work.problem}" for work in self.needs if work.problem), "")


@dataclass
class Room:
    cores: float
    memory: int

    def holds(self, work: Work) -> bool:
        return work.cores <= self.cores and work.memory <= self.memory

    def take(self, work: Work) -> None:
        self.cores -= work.cores
        self.memory -= work.memory

    def give_back(self, work: Work) -> None:
        self.cores += work.cores
        self.memory += work.memory


def room() -> Room:
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
    return Room(OVERCOMMIT * len(os.sched_getaffinity(0)), available - KEPT_FREE)


@dataclass(frozen=True)
class Begun:
    work: Work


@dataclass(frozen=True)
class Told:
    """A result, when it is there."""

    work: Work
    result: Result


@dataclass(frozen=True)
class Ended:
    work: Work


Event = Begun | Told | Ended


def closure(works: Iterable[Work]) -> list[Work]:
    """These and what they need, each behind what it needs."""
    found: list[Work] = []
    for work in works:
        found += [one for one in [*closure(work.needs), work] if one not in found]
    return found


def may_begin(work: Work, ended: set[Work], left: set[Work]) -> bool:
    return ended.issuperset(work.needs) and left.isdisjoint(work.after)


def do(works: Sequence[Work], space: Room) -> Iterator[Event]:
    """All of them; a work alone on the machine is begun whatever it takes. However this ends, nothing outlives it."""
    waiting, ended = list(works), set[Work]()
    running: dict[Work, threading.Thread] = {}
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    try:
        while waiting or running:
            for work in [work for work in waiting if may_begin(work, ended, {*waiting, *running})]:
                if not (lacks := work.lacks()) and running and not space.holds(work):
                    # what comes later must not take its room
                    break
                waiting.remove(work)
                space.take(work)
                running[work] = threading.Thread(target=perform, args=(work, lacks, events.put), daemon=True)
                running[work].start()
                if not lacks:
                    yield Begun(work)
            assert running, f"nobody ends what these need: {[work.name for work in waiting]}"
            event = events.get()
            if isinstance(event, Ended):
                del running[event.work]
                ended.add(event.work)
                space.give_back(event.work)
            yield event
    finally:
        if running:
            RUNNING.end()
        for thread in running.values():
            # each takes away what it has made
            thread.join(30)


def perform(work: Work, lacks: str, tell: Callable[[Event], None]) -> None:
    """Does one work and tells of it; `lacks` says why it cannot be done."""
    names = list(work.tests) or [work.name]
    told = set[str]()
    try:
        if lacks:
            raise Skipped(lacks)
        for result in work.run():
            told.add(result.name)
            if result.outcome != Outcome.OK:
                work.problem = f"{result.outcome}"
            tell(Told(work, result))
    except Skipped as reason:
        work.problem = str(reason)
        for name in names:
            tell(Told(work, skipped(name, str(reason))))
    except BaseException as error:  # whatever it is, the tests did not pass
        work.problem = "it has failed"
        why = isinstance(error, AssertionError) and str(error)
        for name in [name for name in names if name not in told] or [work.name]:
            tell(Told(work, failed(name, why or traceback.format_exc())))
    finally:
        tell(Ended(work))
