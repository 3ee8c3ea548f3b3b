"""When the leader of the ensemble is killed with -9 under load, another one leads, it comes back by itself, and
nothing that was acknowledged is lost."""

from helpers.cluster import (
    brokers,
    kill_java,
    leader,
    restarts,
    servers,
    start_cluster,
    wait_for_brokers,
    wait_for_quorum,
)
from helpers.load import Load
from helpers.machine import Machine


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    ensemble = servers(machines)
    old = leader(ensemble)
    started = restarts(old, "zookeeper.service")
    kill_java(old, "zookeeper.service")
    wait_for_quorum([server for server in ensemble if server is not old])
    wait_for_quorum(ensemble)
    assert restarts(old, "zookeeper.service") == started + 1, "it took more than one start"
    wait_for_brokers(brokers(machines))
    load.wait_for(2000)
    load.finish()
