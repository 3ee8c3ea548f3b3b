"""Processes end with the run that has started them, and what they have said comes back."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path

from harness import processes
from harness.machine import TESTS

PREFIX = "kafnix-self-"


def wait_until(state: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not state():
        assert time.monotonic() < end, "waited for 60 s"
        time.sleep(0.1)


class Processes(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_a_status_and_all_that_was_said_come_back(self) -> None:
        self.assertEqual(processes.run(["bash", "-c", "echo good; echo wrong >&2; exit 3"]), (3, "good\nwrong\n"))
        self.assertEqual(processes.run(["bash", "-c", "echo good; echo wrong >&2"], apart=True), (0, "good\n"))
        status, said = processes.run(["bash", "-c", "echo good; echo wrong >&2; exit 1"], apart=True)
        self.assertEqual((status, said), (1, "good\nwrong\n"))

    def test_what_hangs_is_ended_with_what_it_has_started_and_has_failed(self) -> None:
        number = self.folder / "number"
        status, said = processes.run(["bash", "-c", f"echo begun; sleep 1000 & echo $! >{number}; wait"], limit=2)
        self.assertNotEqual(status, 0)
        self.assertEqual(said, "begun\n\nstill running after 2 s\n")
        wait_until(lambda: is_over(number))

    def test_it_can_be_interrupted_where_the_run_cannot(self) -> None:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGINT, before)
        status, said = processes.run(["bash", "-c", "kill -INT $$; echo goes on"])
        self.assertEqual((status, said), (-signal.SIGINT, ""))

    def test_a_run_that_is_killed_leaves_no_process(self) -> None:
        number = self.folder / "number"
        program = f"from harness import processes\nprocesses.run(['bash', '-c', 'echo $$ >{number}; exec sleep 1000'])"
        run = subprocess.Popen([sys.executable, "-B", "-c", program], env={**os.environ, "PYTHONPATH": str(TESTS)})
        wait_until(lambda: number.exists() and number.read_text().endswith("\n"))
        self.assertFalse(is_over(number))
        run.kill()
        run.wait()
        wait_until(lambda: is_over(number))

    def test_a_run_that_is_interrupted_ends_what_runs_and_takes_its_folders_away(self) -> None:
        number = self.folder / "number"
        program = f"""
import shutil
from harness import processes, schedule
def work():
    folder = processes.folder_of("{PREFIX}")
    processes.run(["bash", "-c", f"echo $$ {{folder}} >{number}.new; mv {number}.new {number}; exec sleep 1000"])
    shutil.rmtree(folder)
    yield from ()
list(schedule.do([schedule.Work("tier", "work", work)], schedule.room()))
"""
        run = subprocess.Popen(
            [sys.executable, "-B", "-c", program],
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            stderr=subprocess.DEVNULL,
        )
        wait_until(number.exists)
        process, folder = number.read_text().split()
        run.send_signal(signal.SIGINT)
        run.wait()
        self.assertFalse(Path(folder).exists())
        number.write_text(process)
        self.assertTrue(is_over(number))

    def test_the_folder_of_a_run_that_is_over_is_found_and_no_other(self) -> None:
        mine = processes.folder_of(PREFIX)
        self.assertNotIn(mine, processes.abandoned(PREFIX))
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        (mine / "owner").write_text(str(child))
        self.assertIn(mine, processes.abandoned(PREFIX))
        processes.sweep(PREFIX)
        self.assertFalse(mine.exists())

    def test_a_first_process_takes_every_orphan(self) -> None:
        program = (
            "from harness import processes\nimport subprocess, sys\n"
            "sys.exit(processes.as_init(lambda: subprocess.call(['bash', '-c', '(sleep 0.3 &); exit 7'])))"
        )
        command = ["unshare", "--pid", "--fork", "--map-root-user", sys.executable, "-B", "-c", program]
        self.assertEqual(processes.run(command, environment={"PYTHONPATH": str(TESTS)})[0], 7)


def is_over(number: Path) -> bool:
    """Whether the process whose number stands in a file has ended."""
    status = Path("/proc", number.read_text().strip(), "status")
    return not status.exists() or "\nState:\tZ" in status.read_text()
