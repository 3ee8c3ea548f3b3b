"""A load on the cluster, and what it was told."""

import json
from collections.abc import Sequence

from .cluster import bootstrap, info, listener, wait_until
from .machine import Machine, prefix
from .records import Record, acknowledged_and_lost, consumed, judge, refusals

# It lingers: with 5 ms the brokers took five times the processor time for the same records.
SETTINGS = """\
enable.idempotence=true
acks=all
retries=2147483647
delivery.timeout.ms=120000
request.timeout.ms=5000
linger.ms=50
"""
# What a producer may take at its end for records that no broker acknowledges any more, in seconds. By itself it would
# hold up a host's power-off for the 90 s after which systemd kills it.
FLUSH = 10


def begin(machine: Machine, name: str, command: str, output: str) -> None:
    """Begins a command that goes on by itself, whose output goes to a file and its errors to one beside it."""
    background = getattr(machine, "background", None)
    if background:
        background(name, f"{command} >{output} 2>{output}.log")
        return
    machine.succeed(
        f"systemd-run --quiet --unit={name} --setenv=PATH=$PATH "
        f"--property=StandardOutput=truncate:{output} --property=StandardError=truncate:{output}.log "
        f"--property=SuccessExitStatus=143 --property=TimeoutStopSec={FLUSH} /bin/sh -c 'exec {command}'"
    )


def stop(machine: Machine, name: str) -> None:
    """Ends what was begun, and waits for it."""
    background = getattr(machine, "stop_background", None)
    if background:
        background(name)
    else:
        machine.succeed(f"systemctl stop {name}")


def create_topic(machine: Machine, topic: str, settings: str = "") -> None:
    configs = f"--config {settings}" if settings else ""
    topics(machine, f"--create --if-not-exists --topic {topic} --partitions 3 --replication-factor 3 {configs}")


def topics(machine: Machine, command: str) -> str:
    return machine.succeed(f"{tool(machine, 'topics')} {command}")


def tool(machine: Machine, name: str) -> str:
    """A tool of Kafka's that asks the broker of this host."""
    return f"kafka-{name}.sh --bootstrap-server {listener(machine)}"


class Load:
    """An idempotent producer with acks=all on the first of these hosts, which writes 1, 2, 3 … and notes what was
    acknowledged. It knows the brokers of all of them: the one beside it may be the one that is killed."""

    def __init__(self, machines: Sequence[Machine], topic: str = "load", throughput: int = 1000, settings: str = ""):
        self.machine = machine = machines[0]
        self.topic = topic
        folder = f"{prefix(machine)}/var/tmp"
        self.out = f"{folder}/{topic}.out"
        create_topic(machine, topic, settings)
        machine.succeed(f"cat >{folder}/{topic}.properties <<'END'\n{SETTINGS}END\n")
        command = f"kafka-verifiable-producer.sh --bootstrap-server {bootstrap(machines)} --topic {topic}"
        how = f"--throughput {throughput} --acks -1 --producer.config {folder}/{topic}.properties"
        begin(machine, topic, f"{command} {how}", self.out)
        self.wait_for(1000)

    def acknowledged(self) -> list[Record]:
        records = acknowledged(self.machine.succeed(f"cat {self.out}"))
        assert records, f"{self.out} says of no record that it was acknowledged"
        return records

    def count(self) -> int:
        """How many records are acknowledged until now. The producer makes its file when it starts."""
        # grep ends with 1 where it counts none
        counted = f"grep -c '\"producer_send_success\"' {self.out} || test $? = 1"
        return int(self.machine.succeed(f"if [ -e {self.out} ]; then {counted}; else echo 0; fi"))

    def wait_for(self, more: int) -> None:
        """Until so many more records are acknowledged than are now."""
        goal = self.count() + more

        def there() -> bool:
            unit = info(self.machine, f"{self.topic}.service")
            assert unit["ActiveState"] == "active", f"the producer has ended: {self.errors()}"
            return self.count() >= goal

        wait_until(f"{more} more records are acknowledged", there)

    def errors(self) -> str:
        """The end of what the producer has said beside its events."""
        return self.machine.execute(f"tail -n 5 {self.out}.log")[1]

    def finish(self, at_least: int = 10_000) -> None:
        """Ends it and reads the topic: all that was acknowledged is there once, in order."""
        if (missing := at_least - self.count()) > 0:
            self.wait_for(missing)
        stop(self.machine, self.topic)
        failed = refusals(self.machine.succeed(f"grep producer_send_error {self.out} || test $? = 1").splitlines(True))
        assert not failed, f"{len(failed)} records were not taken: {failed[:3]} {self.errors()}"
        acknowledged = self.acknowledged()
        self.machine.log(f"{len(acknowledged)} records were acknowledged")
        judge(acknowledged, consume_all(self.machine, self.topic))


class Reader:
    """A consumer in a group of its own on the last of these hosts, which reads a topic from its beginning while it is
    written to. It knows the brokers of all of them."""

    def __init__(self, machines: Sequence[Machine], topic: str = "load"):
        self.machine = machine = machines[-1]
        self.name = f"{topic}-reader"
        self.out = f"{prefix(machine)}/var/tmp/{self.name}.out"
        printed = "--property print.partition=true --property print.offset=true"
        read = f"--topic {topic} --from-beginning --group {self.name} {printed}"
        command = f"kafka-console-consumer.sh --bootstrap-server {bootstrap(machines)}"
        begin(machine, self.name, f"{command} {read}", self.out)
        wait_until(f"{self.name} reads", self.records)

    def records(self) -> list[Record]:
        """What it has read until now, once it has made its file; its last line may be half a one."""
        unit = info(self.machine, f"{self.name}.service")
        assert unit["ActiveState"] == "active", f"{self.name} has ended: {unit}"
        text = self.machine.execute(f"cat {self.out}")[1]
        return consumed(text[: text.rfind("\n") + 1])

    def finish(self, acknowledged: list[Record]) -> None:
        """Waits until it has read all that was acknowledged, and ends it: it has told of no error until then."""

        def missing() -> list[Record]:
            return acknowledged_and_lost(acknowledged, self.records())

        wait_until(f"{self.name} has read every acknowledged record", lambda: not missing(), pause=2)
        told = self.machine.succeed(f"grep -F '] ERROR ' {self.out}.log || test $? = 1").splitlines()
        assert not told, f"{self.name} has told of {len(told)} errors: {told[:3]}"
        stop(self.machine, self.name)


def acknowledged(text: str) -> list[Record]:
    """The records that the verifiable producer was told of. Where it was killed, its last line may be half a one."""
    records = []
    for line in text.splitlines(keepends=True):
        if '"producer_send_success"' in line and line.endswith("\n"):
            event = json.loads(line)
            records.append(Record(event["partition"], event["offset"], event["value"]))
    return records


def produce(machine: Machine, topic: str, lines: list[str], settings: str = "") -> None:
    """Writes lines, through the broker of this host; they are acknowledged by all replicas in sync."""
    properties = f"--producer-property {settings}" if settings else ""
    text = "\n".join(lines)
    write = f"{tool(machine, 'console-producer')} --topic {topic} --request-required-acks all {properties}"
    machine.succeed(f"{write} <<'END'\n{text}\nEND\n")


def consume(machine: Machine, topic: str, count: int) -> list[str]:
    """Reads so many lines of a topic from its beginning, through the broker of this host."""
    read = f"--topic {topic} --from-beginning --max-messages {count} --timeout-ms 120000"
    return machine.succeed(f"{tool(machine, 'console-consumer')} {read}").splitlines()


def consume_all(machine: Machine, topic: str) -> list[Record]:
    """Reads a topic to the ends that it has now. Each partition is read for itself: a group of readers would first
    have to form, for which nobody knows the time after a fault."""
    listed = machine.succeed(f"{tool(machine, 'get-offsets')} --topic {topic}").split()
    ends = [line.split(":") for line in listed if line.startswith(f"{topic}:")]
    assert ends, f"{topic} has no partition: {listed}"
    return [record for _, partition, end in ends if int(end) for record in consume_one(machine, topic, partition, end)]


def consume_one(machine: Machine, topic: str, partition: str, count: str) -> list[Record]:
    read = f"--topic {topic} --partition {partition} --offset earliest --max-messages {count} --timeout-ms 120000"
    printed = "--property print.partition=true --property print.offset=true"
    return consumed(machine.succeed(f"{tool(machine, 'console-consumer')} {read} {printed}"))
