"""What a run says of its tests, and what it ends with."""

import contextlib
import io
import subprocess
import unittest
from pathlib import Path

from harness import cargo
from harness.machine import ROOT, TESTS
from harness.mutations import MUTATIONS
from harness.report import Report
from harness.results import Result, failed, ok, skipped
from harness.schedule import Begun, Ended, Told, Work


def told(results: list[Result], tier: str = "code", tell_all: bool = False) -> tuple[Report, str]:
    work = Work(tier, "work", list)
    made = Report({"code": "code", "hosts": "hosts"}, tell_all)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        for event in [Begun(work), *(Told(work, result) for result in results), Ended(work)]:
            made.hear(event)
        made.summary()
    return made, out.getvalue()


class Reports(unittest.TestCase):
    def test_only_what_has_passed_is_good(self) -> None:
        for results, status in (
            ([ok("a")], 0),
            ([ok("a"), skipped("b", "why")], 0),
            ([ok("a"), failed("b", "why")], 1),
            ([skipped("b", "why")], 77),
            ([], 77),
        ):
            self.assertEqual(told(results)[0].status(named=False), status, results)
        self.assertEqual(told([])[0].status(named=True), 2)
        self.assertEqual(told([skipped("b", "why")])[0].status(named=True), 77)

    def test_what_fails_is_said_with_its_reason_and_at_the_end(self) -> None:
        _, said = told([ok("a"), failed("b", "it said\nthis"), skipped("c", "there is no disk")])
        self.assertIn("    it said\n    this\n00:00 code: FAILED b\n", said)
        self.assertIn("\ncode (code): ran 2 tests in 00:00; 1 skipped (there is no disk)\n", said)
        self.assertIn("\nhosts (hosts): no test was asked for\n", said)
        self.assertTrue(said.endswith("\nFAILED code: b\n1 passed, 1 failed in 00:00\n"), said)

    def test_the_summary_has_the_error_that_much_output_follows(self) -> None:
        _, said = told([failed("b", "\n".join(["first", "error: not all are up", *["a line of a log"] * 50]))])
        summary = said.partition("== summary")[2]
        self.assertIn("    error: not all are up\n", summary)
        self.assertNotIn("first", summary)

    def test_what_only_prepares_is_no_test_unless_it_fails(self) -> None:
        self.assertEqual(told([ok("a"), skipped("b", "why")], tier="")[0].status(named=False), 77)
        made, said = told([failed("it builds", "no")], tier="")
        self.assertEqual(made.status(named=False), 1)
        self.assertIn("FAILED it builds: no\n", said)

    def test_what_passed_tells_all_where_that_is_asked_for(self) -> None:
        result = Result("a", ok("a").outcome, "said\nmuch")
        self.assertNotIn("much", told([result])[1])
        self.assertIn("    said\n    much\n", told([result], tell_all=True)[1])


class Runs(unittest.TestCase):
    def ends(self, expected: int, *arguments: str) -> str:
        done = subprocess.run(
            [TESTS / "run", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        self.assertEqual(done.returncode, expected, done.stdout)
        return done.stdout

    def test_a_name_that_nothing_has_is_an_error(self) -> None:
        for tier in ("3", "local", "4"):
            self.assertIn("has `nosuch` in its name", self.ends(2, tier, "nosuch"))

    def test_what_is_no_tier_is_an_error(self) -> None:
        for arguments in (["6"], ["--help"], ["3", "a", "b"]):
            self.assertIn("usage: ", self.ends(2, *arguments))


LIBTEST = """
running 3 tests
test a ... ok
test b::c ... ignored, it takes long
test d - should panic ... FAILED

failures:

---- d - should panic stdout ----
said
why

failures:
    d - should panic

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""


class Cargo(unittest.TestCase):
    def results(self, said: str, status: int) -> list[Result]:
        folder = Path(self.enterContext(contextlib.nullcontext("/tmp")))
        program = Path(self.enterContext(tempfile_of(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit {status}\n")))
        return list(cargo.tests_of(cargo.Binary("crate", program, folder), ""))

    def test_each_test_of_a_binary_is_a_result(self) -> None:
        self.assertEqual(
            self.results(LIBTEST, 101),
            [
                ok("crate: a"),
                skipped("crate: b::c", "it takes long"),
                failed("crate: d - should panic", "said\nwhy\n\n"),
            ],
        )

    def test_a_binary_that_ends_early_or_says_something_else_has_failed(self) -> None:
        for said, status in (
            ("running 3 tests\ntest a ... ok\n", 101),
            (LIBTEST.replace("1 passed", "2 passed"), 101),
            (LIBTEST, 0),
            ("", 0),
        ):
            last = self.results(said, status)[-1]
            self.assertEqual((last.name, last.outcome), ("crate runs its tests", "FAILED"), said)


class Mutations(unittest.TestCase):
    def test_each_finds_what_it_breaks(self) -> None:
        for mutation in MUTATIONS:
            for file, text in mutation.changed(ROOT):
                self.assertNotEqual(file.read_text(), text, mutation.name)


@contextlib.contextmanager
def tempfile_of(text: str):  # type: ignore[no-untyped-def]
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program"
        path.write_text(text)
        path.chmod(0o755)
        yield str(path)
