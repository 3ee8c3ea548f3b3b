"""A write that server 3 has not seen survives: emptied server 2 does not elect with 3 alone."""

from harness.local.cluster import Cluster
from helpers.cluster import create_node, zk


def scenario(cluster: Cluster) -> None:
    del cluster.spec["topics"]
    cluster.spec["kafka"]["hosts"] = {"kafka01": {}}
    cluster.local("up")
    cluster.local("stop", "kafka03", "--role", "zookeeper")
    cluster.wait_for_quorum(["kafka01", "kafka02"])
    create_node(cluster.machine("kafka01"), "/written", "value")
    cluster.local("down")
    cluster.empty("kafka02", "/data/zookeeper/data")

    for host in ("kafka02", "kafka03"):
        cluster.local("start", host, "--role", "zookeeper")
    # The two are a majority of three; neither may lead, and the empty one says so in the end.
    ended = cluster.wait_ended("kafka02", "zookeeper")
    assert ended.exit == 75, ended
    # the other one is there to elect with
    cluster.wait_for("kafka03", "zookeeper", "waiting for the ensemble")
    assert cluster.leader() == "", "an empty server elected a leader"

    for host in ("kafka01", "kafka02"):
        cluster.local("start", host, "--role", "zookeeper")
    cluster.wait_for_quorum()
    for host in cluster.hosts:
        assert "value" in zk(cluster.machine(host), "get /written"), f"{host} has lost the write"
