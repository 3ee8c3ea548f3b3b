"""Where the firewall is off, the address filter of the units still keeps a stranger from ZooKeeper and lets it reach
the client listener."""

from helpers.cluster import settings, start_cluster, wait_for_cluster
from helpers.machine import Machine
from helpers.stranger import OPEN, REFUSED, SILENT, become_a_stranger, tried

CLUSTER = "repository"


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    machines = [kafka01, kafka02, kafka03]
    start_cluster(machines)
    target = settings(kafka02, "zookeeper")["clientPortAddress"]
    kafka02.succeed("nft flush ruleset")
    assert tried(kafka01, target, 2181) == OPEN, "a member does not reach ZooKeeper"
    # nobody listens there, and nobody keeps it
    assert tried(kafka01, target, 8080) == REFUSED, "the firewall is not off"
    become_a_stranger(kafka01, "10.0.0.99", target)
    assert tried(kafka01, target, 9092) == OPEN, "the stranger does not reach the client listener"
    assert tried(kafka01, target, 2181) == SILENT, "a stranger reaches ZooKeeper"
    assert tried(kafka01, target, 9092) == OPEN, "no answer comes any more, so the try above says nothing"
    wait_for_cluster([kafka02, kafka03])
