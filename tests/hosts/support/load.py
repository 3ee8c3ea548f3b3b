"""A load on the cluster, and whether what it was told is kept."""

import json
import sys
from pathlib import Path

from .cluster import Machine, create_topic, wait_until

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from servers.support.clients import Record, consumed, judge  # noqa: E402

__all__ = ["Load", "Record", "judge"]

SETTINGS = """\
enable.idempotence=true
acks=all
retries=2147483647
delivery.timeout.ms=120000
request.timeout.ms=5000
linger.ms=5
"""
ALL = "10.0.0.11:9092,10.0.0.12:9092,10.0.0.13:9092"


class Load:
    """An idempotent producer with acks=all on a host, which writes 1, 2, 3 … and notes what was acknowledged."""

    def __init__(self, machine: Machine, topic: str = "load", throughput: int = 1000, settings: str = ""):
        self.machine = machine
        self.topic = topic
        self.out = f"/var/tmp/{topic}.out"
        create_topic(machine, topic, settings)
        machine.succeed(f"cat >/var/tmp/{topic}.properties <<'END'\n{SETTINGS}END\n")
        # It knows every broker: the one beside it may be the one that is killed.
        command = f"kafka-verifiable-producer.sh --bootstrap-server {ALL} --topic {topic} --throughput {throughput}"
        machine.succeed(
            f"systemd-run --quiet --unit={topic} --setenv=PATH=$PATH "
            f"--property=StandardOutput=truncate:{self.out} --property=StandardError=truncate:{self.out}.log "
            f"--property=SuccessExitStatus=143 /bin/sh -c "
            f"'exec {command} --acks -1 --producer.config /var/tmp/{topic}.properties'"
        )
        self.wait_for(1000)

    def acknowledged(self) -> list[Record]:
        records = []
        for line in self.machine.succeed(f"cat {self.out}").splitlines():
            if '"producer_send_success"' in line:
                event = json.loads(line)
                records.append(Record(event["partition"], event["offset"], event["value"]))
        return records

    def count(self) -> int:
        return int(self.machine.succeed(f"grep -c '\"producer_send_success\"' {self.out} || true"))

    def wait_for(self, more: int, within: float = 150.0) -> None:
        """Until so many more records are acknowledged than are now."""
        goal = self.count() + more
        wait_until(f"{more} more records are acknowledged", lambda: self.count() >= goal, within)

    def finish(self, at_least: int = 10_000) -> None:
        """Ends it and reads the topic: all that was acknowledged is there once, in order."""
        if (missing := at_least - self.count()) > 0:
            self.wait_for(missing)
        self.machine.succeed(f"systemctl stop {self.topic}")
        failed = self.machine.succeed(f"grep '\"producer_send_error\"' {self.out} || true").splitlines()
        assert not failed, f"{len(failed)} records were not taken: {failed[:3]}"
        acknowledged = self.acknowledged()
        self.machine.log(f"{len(acknowledged)} records were acknowledged")
        judge(acknowledged, consume_all(self.machine, self.topic))


def consume_all(machine: Machine, topic: str) -> list[Record]:
    """Reads a topic to the ends that it has now."""
    ends = machine.succeed(f"kafka-get-offsets.sh --topic {topic} 2>/dev/null").split()
    count = sum(int(end.rsplit(":", 1)[1]) for end in ends if end.startswith(f"{topic}:"))
    read = machine.succeed(
        f"kafka-console-consumer.sh --topic {topic} --from-beginning --max-messages {count} --timeout-ms 120000 "
        "--property print.partition=true --property print.offset=true 2>/dev/null"
    )
    return consumed(read)
