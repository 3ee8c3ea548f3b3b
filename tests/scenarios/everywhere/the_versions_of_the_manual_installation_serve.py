"""ZooKeeper 3.5.9 and Kafka 2.7.0 on Java 8, as installed by hand for years, form a cluster, write and read, and a
broker that is killed with -9 comes back."""

from helpers.cluster import (
    ENDED,
    brokers,
    come_back,
    journal,
    kill_java,
    main_process,
    start_cluster,
    wait_for_brokers,
    wait_until,
    zk,
)
from helpers.load import consume, create_topic, produce
from helpers.machine import Machine, prefix

CLUSTER = "manual-installation"
LINES = [f"record {number}" for number in range(1000)]


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    first, second, *_, last = brokers(machines)
    create_topic(first, "old")
    produce(first, "old", LINES)
    before = main_process(second, "kafka.service")
    kill_java(second, "kafka.service")
    come_back(second, "kafka.service", before)
    if not prefix(second):  # which has a journal of all starts
        assert ENDED in journal(second, "kafka.service"), "the launcher has not ended the session of the dead broker"
    wait_for_brokers(brokers(machines))
    produce(second, "old", LINES)
    assert sorted(consume(last, "old", 2 * len(LINES))) == sorted(2 * LINES)
    wait_until("ZooKeeper's shell lists the root", lambda: any("zookeeper" in line for line in zk(first, "ls /")))
