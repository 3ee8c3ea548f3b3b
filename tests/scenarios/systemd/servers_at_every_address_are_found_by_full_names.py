"""Hosts with a domain know each other by their full names. Servers that bind every address serve at each of their
host's, to those alone whom the spec lets in, and are found where the spec says. A listener that some brokers lack takes
clients on the others, and no group whose coordinator lacks it."""

import re
from functools import partial

from helpers.cluster import (
    broker_id,
    brokers,
    chroot,
    controller,
    listener,
    member,
    settings,
    start_cluster,
    wait_until,
    zk,
)
from helpers.load import topics
from helpers.machine import Machine
from helpers.stranger import OPEN, REFUSED, SILENT, tried

LONG = True
CLUSTER = "taken-over"
DOMAIN = "kafka.example.com"
EXTERNAL = 9094
LINES = [f"record {number}" for number in range(1000)]


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    machines = [kafka01, kafka02, kafka03]
    start_cluster(machines)
    for machine in machines:
        full_names_come_first(machine, machines)
        every_address_is_bound(machine)
        told = f"INTERNAL://{machine.name}.{DOMAIN}:9092"
        wait_until(f"{machine.name} is registered as {told}", partial(registered, machine, told), pause=1)
    the_firewall_lets_in_whom_it_did(kafka01, kafka02, kafka03)
    # by one address of a host that is not the one it is found at, and on to all by their names
    topics(kafka01, "--create --topic all --partitions 3 --replication-factor 3")
    for number, machine in enumerate(machines):
        written = [f"{number} {line}" for line in LINES]
        produce(kafka01, f"{outer(machine)}:9092", "all", written)
    assert len(consume(kafka02, f"{outer(kafka03)}:9092", "all", 3 * len(LINES))) == 3 * len(LINES)
    clients_come_by_some_brokers(kafka01, kafka02, kafka03)


def outer(machine: Machine) -> str:
    """The address of a host that its ZooKeeper server and its listener among brokers are not found at."""
    return member(machine).address.replace("10.7.", "10.8.")


def full_names_come_first(machine: Machine, machines: list[Machine]) -> None:
    for other in machines:
        full = f"{other.name}.{DOMAIN}"
        for name in (other.name, full):
            # the canonical name is the first behind the address
            found = machine.succeed(f"getent hosts {name}").split()
            assert found == [member(other).address, full, other.name], f"{machine.name} finds {name} as {found}"
    assert machine.succeed("getent hosts $(uname --nodename)").split()[1] == f"{machine.name}.{DOMAIN}"


def every_address_is_bound(machine: Machine) -> None:
    lines = machine.succeed("ss --tcp --listening --numeric --no-header").splitlines()
    bound = {line.split()[3] for line in lines}
    wanted = ["2181", "3888", "9092"] + ([str(EXTERNAL)] if has_external(machine) else [])
    ports = {port: [one for one in bound if one.rsplit(":", 1)[1] == port] for port in [*wanted, str(EXTERNAL)]}
    for port in wanted:
        assert ports[port] in (["*:" + port], ["0.0.0.0:" + port], ["[::]:" + port]), f"{machine.name}: {ports}"
    assert has_external(machine) or not ports[str(EXTERNAL)], f"{machine.name} listens at {EXTERNAL}"


def has_external(machine: Machine) -> bool:
    return "EXTERNAL://" in settings(machine, "kafka")["listeners"]


def registered(machine: Machine, told: str) -> bool:
    broker = zk(machine, f"get {chroot(machine)}/brokers/ids/{broker_id(machine)}")
    assert listener(machine) == told.removeprefix("INTERNAL://")
    return any(f'"{told}"' in line for line in broker)


def the_firewall_lets_in_whom_it_did(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    found, other = member(kafka02).address, outer(kafka02)
    for port in (2181, 3888, 9092):
        assert tried(kafka01, found, port) == OPEN, f"a member does not reach port {port}"
    assert tried(kafka01, other, 9092) == OPEN, "a client does not reach the other address"
    assert tried(kafka01, other, EXTERNAL) == OPEN, "a client does not reach the listener of some"
    # from the outer network nobody is a member of the ensemble
    for port in (2181, 2888, 3888):
        assert tried(kafka01, other, port) == SILENT, f"port {port} is open to whom it is not meant for"
    assert tried(kafka01, outer(kafka03), EXTERNAL) in (SILENT, REFUSED), "kafka03 has a listener that it must lack"


def clients_come_by_some_brokers(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    first, second, third = map(broker_id, brokers([kafka01, kafka02, kafka03]))
    topics(kafka01, f"--create --topic some --replica-assignment {first}:{second},{second}:{first}")
    topics(kafka01, f"--create --topic other --replica-assignment {third}:{first}")
    external = f"{outer(kafka01)}:{EXTERNAL}"
    produce(kafka02, external, "some", LINES)
    groups = group_of_each_coordinator(kafka01)
    read = consume(kafka03, f"{outer(kafka02)}:{EXTERNAL}", "some", len(LINES), f"--group {groups[first]}")
    assert sorted(read) == sorted(LINES)
    # What the warning of the spec says of a leader without the listener; the tool asks the controller, too, which may
    # be just that broker.
    kafka01.succeed("printf 'request.timeout.ms=10000\ndefault.api.timeout.ms=10000\n' >/var/tmp/short.properties")
    describe = f"--bootstrap-server {external} --command-config /var/tmp/short.properties --describe --topic other"
    described = kafka01.execute(f"kafka-topics.sh {describe} 2>&1")[1]
    found = "Timed out waiting for a node assignment" if controller(kafka01) == third else "Leader: none"
    assert found in described, described
    for broker, outcome in ((first, "ok"), (third, "no coordinator")):
        asked = f"--bootstrap-server {external} --command-config /var/tmp/short.properties --describe --group"
        said = kafka01.execute(f"kafka-consumer-groups.sh {asked} {groups[broker]} 2>&1")[1]
        # which error it is depends on where the time is over
        is_found = not re.search("timed out|TimeoutException|CoordinatorNotAvailable", said, re.IGNORECASE)
        assert is_found == (outcome == "ok"), f"{groups[broker]} has {outcome}, and {said}"
    assert f"Leader: {third}" in topics(kafka01, "--describe --topic other")


def group_of_each_coordinator(machine: Machine) -> dict[int, str]:
    """Broker id → the name of a group that it coordinates: the leader of the partition that the name's hash chooses."""
    described = topics(machine, "--describe --topic __consumer_offsets")
    leaders = {
        int(partition): int(leader) for partition, leader in re.findall(r"Partition: (\d+)\s+Leader: (\d+)", described)
    }
    return {leaders[java_hash(name) % len(leaders)]: name for name in (f"group-{number}" for number in range(100))}


def java_hash(text: str) -> int:
    """Of Java's strings, without its sign bit, as Kafka takes it."""
    value = 0
    for letter in text:
        value = (31 * value + ord(letter)) & 0xFFFFFFFF
    return abs(value - (1 << 32) if value >> 31 else value)


def produce(machine: Machine, bootstrap: str, topic: str, lines: list[str]) -> None:
    text = "\n".join(lines)
    write = f"kafka-console-producer.sh --bootstrap-server {bootstrap} --topic {topic} --request-required-acks all"
    machine.succeed(f"{write} <<'END'\n{text}\nEND\n")


def consume(machine: Machine, bootstrap: str, topic: str, count: int, more: str = "") -> list[str]:
    read = f"--topic {topic} --from-beginning --max-messages {count} --timeout-ms 120000 {more}"
    return machine.succeed(f"kafka-console-consumer.sh --bootstrap-server {bootstrap} {read}").splitlines()
