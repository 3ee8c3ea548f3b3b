"""The commands of the documents: a scenario runs each, or names it as one that it does not run."""

import importlib.util
import unittest
from types import ModuleType

from harness.machine import ROOT

LOCAL = "local/the_commands_of_the_documentation_work.py"
ON_HOSTS = "systemd/a_stack_trace_is_one_entry.py"


def scenario(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("scenario_of_documents", ROOT / "tests/scenarios" / path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Documents(unittest.TestCase):
    def setUp(self) -> None:
        self.local = scenario(LOCAL)

    def commands(self, document: str) -> list[str]:
        text = (ROOT / document).read_text()
        return [command for block in self.local.blocks(text) for command in block]

    def test_every_block_of_the_documents_is_one_of_commands_or_says_what_it_is(self) -> None:
        for document in self.local.DOCUMENTS:
            self.assertTrue(self.commands(document), document)

    def test_a_block_that_begins_with_an_unknown_word_is_not_passed_over(self) -> None:
        with self.assertRaisesRegex(AssertionError, "name the block's language: .*frobnicate"):
            self.local.blocks("```\nfrobnicate --all\n```\n")
        self.assertEqual(self.local.blocks("```text\nfrobnicate --all\n```\n"), [])
        self.assertEqual(self.local.blocks("```\njournalctl -b # all\n```\n"), [["journalctl -b"]])

    def test_the_commands_for_the_journal_are_those_that_run_on_hosts(self) -> None:
        found = [command for document in self.local.DOCUMENTS for command in self.commands(document)]
        looks = [command for command in found if command.split()[0] in self.local.LOOKS_AT_A_HOST]
        self.assertEqual(looks, list(scenario(ON_HOSTS).READ))
