"""A topic that was created on one host is there on each, is written on each and read on each."""

from helpers.cluster import brokers, start_cluster
from helpers.load import consume, create_topic, produce, topics
from helpers.machine import Machine

HARMLESS = True


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    create_topic(brokers(machines)[0], "everywhere")
    written = []
    for broker in brokers(machines):
        lines = [f"{broker.name} {number}" for number in range(200)]
        produce(broker, "everywhere", lines)
        written += lines
    for broker in brokers(machines):
        read = consume(broker, "everywhere", len(written))
        assert sorted(read) == sorted(written), f"{broker.name} reads {len(read)} of {len(written)} lines"
        assert "everywhere" in topics(broker, "--list").split()
