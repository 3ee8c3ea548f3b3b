"""A host that is no member of the cluster, but stands in a network that the client listener is open to, reaches that
listener and neither ZooKeeper nor any other port."""

from helpers.cluster import settings, start_cluster
from helpers.machine import Machine
from helpers.stranger import OPEN, SILENT, become_a_stranger, tried

CLUSTER = "repository"
# ZooKeeper's ports, metrics, and some that nobody listens at
CLOSED = [2181, 2888, 3888, 9100, 8080, 9091, 9093]


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    start_cluster([kafka01, kafka02, kafka03])
    target = settings(kafka02, "zookeeper")["clientPortAddress"]
    assert tried(kafka01, target, 2181) == OPEN, "a member reaches no ZooKeeper port, so the tries below say nothing"
    become_a_stranger(kafka01, "10.0.0.99", target)
    assert tried(kafka01, target, 9092) == OPEN, "the stranger does not reach the client listener"
    # refused would mean that the packet came through the firewall
    through = [port for port in CLOSED if tried(kafka01, target, port) != SILENT]
    assert not through, f"a stranger comes through the firewall at {through}"
    assert tried(kafka01, target, 9092) == OPEN, "no answer comes any more, so the tries above say nothing"
