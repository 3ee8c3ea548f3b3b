"""When the leader of the ensemble is killed with -9 under load, another one leads, it comes back by itself, and
nothing that was acknowledged is lost."""

from support.cluster import Machine, kill_java, leader, restarts, wait_for_brokers, wait_for_cluster, wait_for_quorum
from support.load import Load


def scenario(*machines: Machine) -> None:
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines))
    load = Load(machines[0])
    old = leader(list(machines))
    kill_java(old, "zookeeper.service")
    others = [machine for machine in machines if machine is not old]
    wait_for_quorum(others, 60)
    wait_for_quorum(list(machines), 60)
    assert restarts(old, "zookeeper.service") == 1, "it took more than one start"
    wait_for_brokers(list(machines), 60)
    load.wait_for(2000)
    load.finish()
