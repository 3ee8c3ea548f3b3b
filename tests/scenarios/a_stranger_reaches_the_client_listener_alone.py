"""A host that is no member of the cluster, but stands in a network that the client listener is open to, reaches that
listener and neither ZooKeeper nor any other port."""

from helpers.cluster import settings, start_cluster
from helpers.machine import Machine
from helpers.stranger import become_a_stranger, reached

CLUSTER = "repository"
# packet filters
NEEDS = "kernel"
# the client listener, then ZooKeeper's ports, metrics, and some that nobody listens at
OPEN, CLOSED = 9092, [2181, 2888, 3888, 9100, 8080, 9091, 9093]


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    start_cluster([kafka01, kafka02, kafka03])
    target = settings(kafka02, "zookeeper")["clientPortAddress"]
    assert reached(kafka01, target, 2181), "a member reaches no ZooKeeper port, so the tries below say nothing"
    become_a_stranger(kafka01, "10.0.0.99", target)
    assert reached(kafka01, target, OPEN), "the stranger does not reach the client listener"
    open_to_it = [port for port in CLOSED if reached(kafka01, target, port)]
    assert not open_to_it, f"a stranger reaches {open_to_it}"
    # refused at once would mean that the packet came through the firewall
    silent = kafka01.execute(f"timeout 2 bash -c '</dev/tcp/{target}/8080' 2>&1")
    assert silent[0] == 124, f"the firewall answers: {silent}"
