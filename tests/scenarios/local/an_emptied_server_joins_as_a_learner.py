"""A ZooKeeper server with an emptied directory joins the others and gets the data from them."""

from harness.local.cluster import Cluster
from helpers.cluster import create_node, zk

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    create_node(cluster.machine("kafka01"), "/written", "value")
    cluster.local("stop", "kafka02", "--role", "zookeeper")
    cluster.empty("kafka02", "/data/zookeeper/data")
    cluster.local("start", "kafka02", "--role", "zookeeper")
    cluster.wait_serving("kafka02", "zookeeper")
    files = {path.name for path in cluster.data("kafka02", "/data/zookeeper/data").rglob("*")}
    assert "myid" in files and "initialize" not in files, files
    assert "value" in zk(cluster.machine("kafka02"), "get /written")
    # It has a vote again once it has the data: with it alone beside one other there is a quorum.
    cluster.local("stop", "kafka01", "--role", "zookeeper")
    cluster.wait_for_quorum(["kafka02", "kafka03"])
    assert "value" in zk(cluster.machine("kafka02"), "get /written")
