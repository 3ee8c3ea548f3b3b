"""What the runners end with where there is nothing to run, or what they run ends in a way of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from collections.abc import Callable
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


class Stubs(unittest.TestCase):
    """`tests/run` over runners and tools that say what they are told to."""

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "tests").mkdir()
        shutil.copy(TESTS / "run", self.folder / "tests/run")
        for tool in ("cargo", "java", "mvn", "ip"):
            self.script(f"bin/{tool}", "true")

    def script(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run_ends(self, expected: int, *arguments: str) -> str:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        status, said = run(self.folder / "tests/run", *arguments, PATH=path, CI="")
        self.assertEqual(status, expected, said)
        return said


class Tier(Stubs):
    """The third tier, and the runner below it."""

    def ends(self, expected: int, text: str, *name: str) -> str:
        self.script("tests/servers/run", text)
        return self.run_ends(expected, "3", *name)

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


class Whole(Stubs):
    """All tiers."""

    def setUp(self) -> None:
        super().setUp()
        for tool in ("javac", "nix", "nft", "systemd-nspawn", "mmdebstrap", "mkfs.xfs"):
            self.script(f"bin/{tool}", "true")
        self.script("bin/cargo", "[ $1 != test ] || echo 'test result: ok. 3 passed; 0 failed; 0 ignored'")
        for test in ("tests/self/run", "tools/keys/make", "tests/java-properties/run", "tests/quorum-rules/run"):
            self.script(test, "true")
        self.script("tests/evaluate/choose-nixpkgs", "choose_nixpkgs() { return 1; }")
        self.script("tests/servers/run", "echo passed 2 failed 0")
        self.script("tests/hosts/run", "echo passed 1 failed 0")

    def test_the_sums_of_all_tiers_are_one(self) -> None:
        self.script("tests/evaluate/run", "echo ok a; echo passed 20 failed 0")
        said = self.run_ends(0)
        for line in ("tier 1: ran", "tier 2: ran 20 tests", "tier 3: ran 2 tests", "tier 4: ran 1 tests", "tier 5: "):
            self.assertEqual(said.count(f"\n{line}"), 1, said)
        self.assertTrue(said.endswith("\n33 passed, 0 failed\n"), said)

    def test_evaluations_that_fail_or_end_early_fail_the_run(self) -> None:
        self.script("tests/evaluate/run", "echo FAILED a: why; echo passed 20 failed 1; exit 1")
        said = self.run_ends(1)
        self.assertIn("FAILED a: why", said)
        self.assertTrue(said.endswith("\n33 passed, 1 failed\n"), said)
        self.script("tests/evaluate/run", "kill -9 $PPID")
        self.assertIn("FAILED tests/run 2 ended early", self.run_ends(1))

    def test_a_tier_that_is_skipped_is_said_beside_the_others(self) -> None:
        self.script("tests/evaluate/run", "echo there is no nix; exit 77")
        said = self.run_ends(0)
        self.assertIn("\ntier 2: skipped (there is no nix)\n", said)
        self.assertTrue(said.endswith("\n13 passed, 0 failed\n"), said)

    def test_evaluations_end_with_the_run(self) -> None:
        there = self.folder / "there"
        self.script("tests/evaluate/run", f"echo $$ >{there}.new; mv {there}.new {there}; exec sleep 1000")
        self.script("tests/servers/run", "exec sleep 1000")
        environment = {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}
        command = [self.folder / "tests/run"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
        wait_until(there.exists)
        # as Ctrl-C does
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        evaluation = Path("/proc", there.read_text().strip())
        wait_until(lambda: not evaluation.exists())


def wait_until(state: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not state():
        assert time.monotonic() < end, "waited for 60 s"
        time.sleep(0.1)
