"""The leader of ZooKeeper is killed with -9: another is elected while a producer goes on."""

from support.clients import Load
from support.cluster import Cluster
from support.waiting import wait


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    load = Load(cluster)
    load.wait_for(2_000)
    killed = cluster.wait_for_quorum()
    cluster.kill(killed, "zookeeper")
    assert cluster.wait_ended(killed, "zookeeper").exit == 137
    elected = wait("another server leads", lambda: cluster.leader())
    assert elected != killed
    load.wait_for(2_000)
    cluster.local("start", killed)
    cluster.wait_for_quorum()
    load.finish()
