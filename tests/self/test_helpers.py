"""The helpers of the scenarios where what they look at is not there, or not yet."""

import subprocess
import tempfile
import unittest
from itertools import count
from pathlib import Path
from unittest import mock

from helpers import cluster, load, records
from helpers.machine import Machine
from helpers.records import Record

SUCCESS = '{"name":"producer_send_success","partition":0,"offset":%d,"value":"%d"}\n'
REFUSED = '{"name":"producer_send_error","topic":"load","exception":"class E","message":"%s"}\n'


class Here(Machine):
    """This machine as a host, with a shell as the drivers have it."""

    unit: dict[str, str]

    def __init__(self) -> None:
        self.unit = {"LoadState": "loaded", "ActiveState": "active", "MainPID": "17"}

    def execute(self, command: str) -> tuple[int, str]:
        shell = ["bash", "-c", f"set -euo pipefail; {command}"]
        done = subprocess.run(shell, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    @property
    def name(self) -> str:
        return "here"

    def succeed(self, *commands: str) -> str:
        status, out = self.execute("; ".join(commands))
        assert status == 0, f"`{commands}` ended with {status}"
        return out

    def get_unit_info(self, unit: str) -> dict[str, str]:
        return self.unit


class Helpers(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        files = {role: str(self.folder / role) for role in cluster.SERVERS}
        self.enterContext(mock.patch.object(cluster, "SERVERS", files))
        self.here = Here()

    def configure(self, role: str, text: str) -> None:
        (self.folder / role).write_text(text)

    def producer(self) -> load.Load:
        found = load.Load.__new__(load.Load)
        found.machine, found.topic, found.out = self.here, "load", str(self.folder / "load.out")
        return found

    def reader(self) -> load.Reader:
        found = load.Reader.__new__(load.Reader)
        found.machine, found.name, found.out = self.here, "reader", str(self.folder / "reader.out")
        return found

    def test_hosts_without_a_server_are_none_to_look_at(self) -> None:
        for look in (cluster.brokers, cluster.servers, lambda machines: cluster.units(machines[0])):
            with self.assertRaises(AssertionError):
                look([self.here])
        self.configure("kafka", "broker.id=1\nlog.dirs=/data/kafka1/logs\n")
        self.assertEqual(cluster.brokers([self.here]), [self.here])
        self.assertEqual(cluster.units(self.here), ["kafka.service"])
        self.assertEqual(cluster.log_directories(self.here), ["/data/kafka1/logs"])

    def test_a_broker_without_directories_has_none_to_look_at(self) -> None:
        self.configure("kafka", "broker.id=1\nlog.dirs=\n")
        with self.assertRaises(AssertionError):
            cluster.log_directories(self.here)

    def test_a_unit_that_is_not_there_is_not_inactive(self) -> None:
        self.here.unit = {"LoadState": "not-found", "ActiveState": "inactive", "MainPID": "0"}
        for look in (cluster.state, cluster.main_process, cluster.restarts, cluster.says):
            with self.assertRaises(AssertionError):
                look(self.here, "kafka.service")

    def test_units_that_do_not_run_have_no_processes_to_compare(self) -> None:
        self.configure("kafka", "broker.id=1\n")
        self.here.unit["MainPID"] = "0"
        with self.assertRaises(AssertionError):
            cluster.processes(self.here)

    def test_a_failed_unit_is_not_waited_for(self) -> None:
        self.here.unit["ActiveState"] = "failed"
        with self.assertRaisesRegex(AssertionError, "has failed"):
            cluster.wait_until_it_says(self.here, "kafka.service", "serving")

    def test_failed_starts_are_read_from_a_journal_that_knows_of_a_start(self) -> None:
        said = "echo Starting Kafka; echo '%s'"
        exited = "Main process exited, code=exited, status="
        for printed, expected in (
            (said % "all is well", 0),
            (said % f"{exited}137/n/a", 0),
            (said % f"{exited}1/FAILURE", 1),
            (said % "Main process exited, code=killed, status=9/KILL", 1),
        ):
            with mock.patch.object(self.here, "succeed", lambda _, printed=printed: Here().succeed(printed)):
                self.assertEqual(len(cluster.failed_starts(self.here, "kafka.service")), expected, printed)
        with mock.patch.object(self.here, "succeed", lambda _: "-- No entries --\n"), self.assertRaises(AssertionError):
            cluster.failed_starts(self.here, "kafka.service")

    def test_a_producer_that_has_not_made_its_file_has_sent_nothing(self) -> None:
        producer = self.producer()
        self.assertEqual(producer.count(), 0)
        Path(producer.out).write_text("")
        self.assertEqual(producer.count(), 0)
        Path(producer.out).write_text(SUCCESS % (0, 1) + SUCCESS % (1, 2))
        self.assertEqual(producer.count(), 2)
        Path(producer.out).unlink()
        Path(producer.out).mkdir()
        with self.assertRaises(AssertionError):
            producer.count()

    def test_a_producer_that_has_ended_is_not_waited_for(self) -> None:
        self.here.unit["ActiveState"] = "failed"
        (self.folder / "load.out.log").write_text("no broker is there\n")
        with self.assertRaisesRegex(AssertionError, "no broker is there"):
            self.producer().wait_for(1)

    def test_a_reader_is_to_read_everything_without_an_error_and_to_go_on(self) -> None:
        reader, sent = self.reader(), [Record(0, 0, "1"), Record(0, 1, "12")]
        read, log = Path(reader.out), Path(f"{reader.out}.log")
        with mock.patch.object(load, "stop"), mock.patch("time.sleep"), mock.patch("time.monotonic", count().__next__):
            for text in ("", "Partition:0\tOffset:0\t1\nPartition:0\tOffset:1\t12"):
                read.write_text(text)
                with self.assertRaisesRegex(AssertionError, "has read every"):
                    reader.finish(sent)
            read.write_text(f"{read.read_text()}\n")
            with self.assertRaises(AssertionError):
                reader.finish(sent)
            log.write_text("[2026-01-01 00:00:00,000] ERROR Error processing message (class)\n")
            with self.assertRaisesRegex(AssertionError, "told of 1 error"):
                reader.finish(sent)
            log.write_text("[2026-01-01 00:00:00,000] WARN Connection to node 1 could not be established (class)\n")
            reader.finish(sent)
            self.here.unit["ActiveState"] = "inactive"
            with self.assertRaisesRegex(AssertionError, "has ended"):
                reader.finish(sent)

    def test_half_a_line_is_no_record_yet(self) -> None:
        whole = SUCCESS % (0, 1)
        self.assertEqual(load.acknowledged(f"{whole}{whole[:40]}"), [Record(0, 0, "1")])
        self.assertEqual(load.acknowledged(f"{whole}{whole.rstrip()}"), [Record(0, 0, "1")])
        with self.assertRaises(ValueError):
            load.acknowledged('{"name":"producer_send_success", "offs\n')

    def test_a_record_that_was_to_be_sent_when_the_producer_ended_was_not_refused(self) -> None:
        ended = REFUSED % "Producer closed while send in progress"
        late = REFUSED % "Cannot perform operation after producer has been closed"
        refused = REFUSED % "Expiring 2 record(s) for load-1:120000 ms has passed since batch creation"
        self.assertEqual(records.refusals([SUCCESS % (0, 1), ended, late, refused, refused[:40]]), [refused])
        with self.assertRaises(ValueError):
            records.refusals(['{"name":"producer_send_error", "mess\n'])

    def test_where_nothing_was_acknowledged_nothing_is_shown(self) -> None:
        with self.assertRaises(AssertionError):
            records.judge([], [])
        Path(self.producer().out).write_text("")
        with self.assertRaises(AssertionError):
            self.producer().acknowledged()

    def test_lost_doubled_and_disordered_records_are_found(self) -> None:
        one, two = Record(0, 0, "1"), Record(0, 1, "2")
        records.judge([one], [one, two])
        for read in ([two], [one, two, Record(0, 2, "2")], [Record(0, 0, "2"), Record(0, 1, "1")]):
            with self.assertRaises(AssertionError):
                records.judge([one], read)
