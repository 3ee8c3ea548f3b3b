"""Tests that run side by side: how many, for how long, and what is left of them."""

import io
import os
import signal
import unittest
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

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
        go = Path(self.enterContext(TemporaryDirectory())) / "go"
        slow = job(f"until [ -e {go} ]; do sleep 0.1; done; echo slow; exit 3")
        found = []
        for one in side_by_side([slow, job("echo fast; echo wrong >&2")], 2):
            found.append((one.process.returncode, one.said()))
            one.discard()
            go.touch()
        self.assertEqual(found, [(0, "fast\nwrong\n"), (3, "slow\n")])

    def test_as_many_run_at_once_as_may(self) -> None:
        log = Path(self.enterContext(TemporaryDirectory())) / "log"
        waits = f"echo begins >>{log}; until [ $(grep -c begins {log}) = 4 ]; do sleep 0.1; done"
        self.assertEqual(ended(*[job(waits)] * 4, most=4), [(0, "")] * 4)
        log.unlink()
        ended(*[job(f"echo begins >>{log}; sleep 0.2; echo ends >>{log}")] * 4, most=1)
        self.assertEqual(log.read_text(), "begins\nends\n" * 4)

    def test_a_job_can_be_interrupted_where_the_run_cannot(self) -> None:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGINT, before)
        [(status, _)] = ended(job("kill -INT $$; echo goes on"))
        self.assertEqual(status, -signal.SIGINT)

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
