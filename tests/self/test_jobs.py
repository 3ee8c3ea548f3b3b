"""Tests that run side by side: how many, for how long, and what is left of them."""

import io
import os
import time
import unittest
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path

from jobs import Job, abandoned, nothing_named, result, side_by_side

PREFIX = "kafnix-self-"


def job(script: str, limit: float = 60) -> Callable[[], Job]:
    return partial(Job, PREFIX, limit, lambda folder: ["bash", "-c", script, "job", str(folder)])


def ended(*starts: Callable[[], Job], most: int = 2) -> list[tuple[int, str]]:
    found = []
    for one in side_by_side(starts, most):
        found.append((one.process.returncode, one.said()))
        one.discard()
    return found


class Jobs(unittest.TestCase):
    def test_a_status_and_what_was_said_come_back_when_a_job_ends(self) -> None:
        jobs = [job("sleep 1; echo slow; exit 3"), job("echo fast; echo wrong >&2")]
        self.assertEqual(ended(*jobs), [(0, "fast\nwrong\n"), (3, "slow\n")])

    def test_no_more_run_at_once_than_may(self) -> None:
        began = time.monotonic()
        ended(*[job("sleep 0.5")] * 4, most=4)
        together = time.monotonic() - began
        ended(*[job("sleep 0.5")] * 4, most=1)
        self.assertLess(together, 2)
        self.assertGreater(time.monotonic() - began - together, 2)

    def test_what_hangs_is_ended_and_has_failed(self) -> None:
        [(status, said)] = ended(job("echo begun; exec sleep 1000", limit=1))
        self.assertNotEqual(status, 0)
        self.assertEqual(said, "begun\nstill running after 1 s\n")

    def test_a_run_that_ends_early_leaves_no_job(self) -> None:
        running = side_by_side([job("exec sleep 1000"), job("true")], 2)
        first = next(running)
        other = next(path for path in Path("/tmp").glob(f"{PREFIX}*") if path != first.folder)
        running.close()
        self.assertFalse(first.folder.exists() or other.exists())

    def test_the_folder_of_a_run_that_is_over_is_found_and_no_other(self) -> None:
        [mine] = list(side_by_side([job("true")], 1))
        self.assertNotIn(mine.folder, abandoned(PREFIX))
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        (mine.folder / "owner").write_text(str(child))
        self.assertIn(mine.folder, abandoned(PREFIX))
        mine.discard()

    def test_only_what_has_passed_is_good(self) -> None:
        with redirect_stdout(io.StringIO()):
            ends = [result(1, 0), result(1, 1), result(0, 0), nothing_named("x", "test")]
        self.assertEqual(ends, [0, 1, 77, 2])
