"""What the scenarios of local clusters ask of kafnix, where it answers with nothing."""

import json
import tempfile
import unittest
from pathlib import Path

from harness.local import waiting
from harness.local.cluster import Cluster


class Asked(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.kafnix = self.folder / "kafnix"
        self.cluster = Cluster(self.folder, self.kafnix, self.folder)

    def answers(self, data: object, status: int = 0) -> None:
        self.kafnix.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(data)}\nEND\nexit {status}\n")
        self.kafnix.chmod(0o755)

    def test_a_cluster_without_servers_has_none_to_look_at(self) -> None:
        self.answers([])
        for look in (self.cluster.servers, lambda: self.cluster.role("kafka")):
            with self.assertRaises(AssertionError):
                look()

    def test_checks_that_check_nothing_are_not_good(self) -> None:
        for data in ([], [{"outcome": "skipped", "code": "V101"}]):
            self.answers(data)
            with self.assertRaises(AssertionError):
                self.cluster.all_good()
        self.answers([{"outcome": "good", "code": "V101"}, {"outcome": "skipped", "code": "V102"}])
        self.cluster.all_good()

    def test_the_status_of_verify_must_say_what_its_checks_say(self) -> None:
        good, failed = {"outcome": "good", "code": "V101"}, {"outcome": "failed", "code": "V102"}
        for data, status in (([good], 1), ([good, failed], 0)):
            self.answers(data, status)
            with self.assertRaises(AssertionError):
                self.cluster.verify()

    def test_half_an_answer_is_asked_for_again(self) -> None:
        answers = ["", '{"phase": "serv', '{"phase": "serving"}']
        self.assertEqual(waiting.wait("it serves", lambda: json.loads(answers.pop(0))), {"phase": "serving"})
