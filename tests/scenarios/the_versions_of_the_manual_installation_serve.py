"""ZooKeeper 3.5.9 and Kafka 2.7.0 on Java 8, as installed by hand for years, form a cluster on hosts of kafnix, write
and read."""

from helpers.cluster import brokers, start_cluster, wait_until, zk
from helpers.load import consume, create_topic, produce
from helpers.machine import Machine

CLUSTER = "manual-installation"
LINES = [f"record {number}" for number in range(1000)]


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    first, *_, last = brokers(machines)
    create_topic(first, "old")
    produce(first, "old", LINES)
    assert sorted(consume(last, "old", len(LINES))) == sorted(LINES)
    wait_until("ZooKeeper's shell lists the root", lambda: any("zookeeper" in line for line in zk(first, "ls /")))
