"""What the runners end with where there is nothing to run, or what they run ends in a way of its own."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def run(*command: str | Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


class Named(unittest.TestCase):
    def test_a_name_that_nothing_has_is_an_error(self) -> None:
        for runner in ("servers/run", "hosts/run", "mutate"):
            status, said = run(TESTS / runner, "nosuch")
            self.assertEqual(status, 2, said)
            self.assertIn("has `nosuch` in its name", said)

    def test_what_is_no_tier_is_an_error(self) -> None:
        for arguments in (["6"], ["nosuch"], ["3", "a", "b"]):
            status, said = run(TESTS / "run", *arguments)
            self.assertEqual(status, 2, said)
            self.assertIn("usage: ", said)


class Tier(unittest.TestCase):
    """The third tier of `tests/run`, with a runner below it that says what it is told to."""

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "tests/servers").mkdir(parents=True)
        shutil.copy(TESTS / "run", self.folder / "tests/run")
        for tool in ("cargo", "java", "mvn", "ip"):
            self.script(f"bin/{tool}", "true")

    def script(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def ends(self, expected: int, text: str, *name: str) -> str:
        self.script("tests/servers/run", text)
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        status, said = run(self.folder / "tests/run", "3", *name, PATH=path)
        self.assertEqual(status, expected, said)
        return said

    def test_what_passed_is_counted(self) -> None:
        self.assertIn("tier 3: ran 2 tests\n2 passed, 0 failed", self.ends(0, "echo passed 2 failed 0"))

    def test_what_failed_fails(self) -> None:
        self.ends(1, "echo passed 2 failed 1; exit 1")

    def test_a_runner_that_ran_no_test_fails(self) -> None:
        self.assertIn("ran no test", self.ends(1, "echo passed 0 failed 0"))

    def test_a_runner_that_ends_badly_after_a_good_sum_fails(self) -> None:
        self.assertIn("ended with 3", self.ends(1, "echo passed 2 failed 0; exit 3"))

    def test_a_runner_without_a_sum_fails(self) -> None:
        self.assertIn("ended early", self.ends(1, "echo all is well"))

    def test_a_name_that_nothing_has_is_no_pass(self) -> None:
        said = self.ends(2, "echo no scenario has it; exit 2", "nosuch")
        self.assertNotIn("tier 3: ran", said)

    def test_a_tier_that_is_skipped_is_no_pass(self) -> None:
        said = self.ends(77, "echo there is no JRE; exit 77", "killed")
        self.assertIn("tier 3: skipped (there is no JRE)", said)
