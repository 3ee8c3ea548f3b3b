"""When the leader of the ensemble is killed with -9 under load, another one leads, it comes back with one start, and
nothing that was acknowledged is lost."""

from helpers.cluster import (
    brokers,
    come_back,
    kill_java,
    leader,
    main_process,
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
    before = main_process(old, "zookeeper.service")
    kill_java(old, "zookeeper.service")
    wait_for_quorum([server for server in ensemble if server is not old])
    started = come_back(old, "zookeeper.service", before)
    wait_for_quorum(ensemble)
    assert main_process(old, "zookeeper.service") == started, "it took more than one start"
    wait_for_brokers(brokers(machines))
    load.wait_for(2000)
    load.finish()
