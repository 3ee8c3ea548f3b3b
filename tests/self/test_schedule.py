"""What runs when, and what becomes of what cannot run."""

import threading
import time
import unittest
from collections.abc import Callable, Iterator
from typing import Any

from harness import schedule
from harness.results import Result, Skipped, failed, ok
from harness.schedule import GIB, Begun, Room, Told, Work

ROOMY = Room(100, 100 * GIB)


def work(name: str, does: Callable[[], object] = lambda: None, **options: Any) -> Work:
    def run() -> Iterator[Result]:
        does()
        yield ok(name)

    return Work("tier", name, run, **options)


def raises(error: BaseException) -> Callable[[], object]:
    def do() -> object:
        raise error

    return do


def done(works: list[Work], room: Room | None = None) -> list[schedule.Event]:
    return list(schedule.do(works, room or Room(ROOMY.cores, ROOMY.memory)))


def results(works: list[Work], room: Room | None = None) -> dict[str, str]:
    return {event.result.name: event.result.outcome for event in done(works, room) if isinstance(event, Told)}


def begun(works: list[Work], room: Room | None = None) -> list[str]:
    return [event.work.name for event in done(works, room) if isinstance(event, Begun)]


class Schedule(unittest.TestCase):
    def test_what_needs_another_one_begins_when_that_has_ended(self) -> None:
        ended: list[str] = []
        first = work("first", lambda: (time.sleep(0.3), ended.append("first")))
        second = work("second", lambda: ended.append("second"), needs=[first])
        third = work("third", lambda: ended.append("third"), after=[second])
        done([third, second, first])
        self.assertEqual(ended, ["first", "second", "third"])

    def test_as_many_run_at_once_as_there_is_room_for(self) -> None:
        running, most, lock = [0], [0], threading.Lock()

        def does() -> None:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.2)
            with lock:
                running[0] -= 1

        done([work(str(number), does, cores=1, memory=GIB) for number in range(6)], Room(2, 10 * GIB))
        self.assertEqual(most, [2])
        done([work(str(number), does, cores=0.1, memory=GIB) for number in range(6)], Room(2, GIB))
        self.assertEqual(most, [2])
        most[0] = 0
        done([work(str(number), does, cores=0.1, memory=GIB) for number in range(6)], Room(2, 3 * GIB))
        self.assertEqual(most, [3])

    def test_what_fits_no_machine_runs_alone(self) -> None:
        self.assertEqual(begun([work("big", cores=8, memory=64 * GIB)], Room(2, GIB)), ["big"])

    def test_what_comes_first_begins_first(self) -> None:
        names = [str(number) for number in range(5)]
        self.assertEqual(begun([work(name) for name in names], Room(1, GIB)), names)

    def test_what_is_lacking_skips_what_needs_it_and_nothing_else(self) -> None:
        lacking = work("lacking", raises(Skipped("there is no disk")))
        found = results([lacking, work("a", needs=[lacking]), work("b", after=[lacking]), work("c")])
        self.assertEqual(found, {"lacking": "skipped", "a": "skipped", "b": "ok", "c": "ok"})

    def test_what_has_failed_skips_what_needs_it(self) -> None:
        def fails() -> Iterator[Result]:
            yield failed("it builds", "no")

        built = Work("", "built", fails)
        self.assertEqual(results([built, work("a", needs=[built])]), {"it builds": "FAILED", "a": "skipped"})

    def test_an_exception_fails_each_test_that_has_no_result_yet(self) -> None:
        def half() -> Iterator[Result]:
            yield ok("a")
            raise ValueError("whatever")

        self.assertEqual(results([Work("tier", "both", half, tests=["a", "b"])]), {"a": "ok", "b": "FAILED"})
        self.assertEqual(results([Work("tier", "one", half, tests=["a"])]), {"a": "ok", "one": "FAILED"})
        self.assertEqual(results([work("x", raises(SystemExit(0)))]), {"x": "FAILED"})

    def test_a_work_brings_what_it_needs(self) -> None:
        first = work("first")
        second = work("second", needs=[first])
        third = work("third", needs=[first, second])
        self.assertEqual(schedule.closure([third, second]), [first, second, third])
