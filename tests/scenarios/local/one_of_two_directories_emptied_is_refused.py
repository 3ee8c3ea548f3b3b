"""A ZooKeeper server with two directories, one of them emptied, is refused; with both it joins."""

from harness.local.cluster import Cluster
from helpers.cluster import create_node, zk

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.spec["zookeeper"]["dataLogDir"] = "/data/zookeeper-log"
    cluster.local("up")
    create_node(cluster.machine("kafka01"), "/written", "value")
    for emptied, kept in (
        ("/data/zookeeper-log", "/data/zookeeper/data"),
        ("/data/zookeeper/data", "/data/zookeeper-log"),
    ):
        cluster.local("stop", "kafka02", "--role", "zookeeper")
        before = sorted(path.name for path in cluster.data("kafka02", kept).rglob("*"))
        assert before, f"there is nothing in {kept} to keep"
        cluster.empty("kafka02", emptied)
        cluster.local("start", "kafka02", "--role", "zookeeper", ok=False)
        ended = cluster.wait_ended("kafka02", "zookeeper")
        assert ended.exit == 78 and "empty both" in ended.status, ended
        assert sorted(path.name for path in cluster.data("kafka02", kept).rglob("*")) == before
        cluster.empty("kafka02", kept)
        cluster.local("start", "kafka02", "--role", "zookeeper")
        cluster.wait_serving("kafka02", "zookeeper")
        assert "value" in zk(cluster.machine("kafka02"), "get /written")
