"""Where the firewall is off, the address filter of the units still keeps a stranger from ZooKeeper and lets it reach
the client listener."""

from helpers.cluster import settings, start_cluster, wait_for_cluster
from helpers.machine import Machine
from helpers.stranger import become_a_stranger, reached

CLUSTER = "repository"
# packet filters
NEEDS = "kernel"


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    machines = [kafka01, kafka02, kafka03]
    start_cluster(machines)
    target = settings(kafka02, "zookeeper")["clientPortAddress"]
    kafka02.succeed("nft flush ruleset")
    assert reached(kafka01, target, 2181), "a member does not reach ZooKeeper"
    # nobody listens there, and nobody keeps it
    assert kafka01.execute(f"timeout 2 bash -c '</dev/tcp/{target}/8080' 2>&1")[0] == 1, "the firewall is not off"
    become_a_stranger(kafka01, "10.0.0.99", target)
    assert reached(kafka01, target, 9092), "the stranger does not reach the client listener"
    assert not reached(kafka01, target, 2181), "a stranger reaches ZooKeeper"
    wait_for_cluster([kafka02, kafka03])
