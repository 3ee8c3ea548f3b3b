"""The first of three hosts, started alone, is ready and says what it waits for."""

from support.cluster import Cluster


def scenario(cluster: Cluster) -> None:
    cluster.local("start", "kafka01")
    for role in ("zookeeper", "kafka"):
        cluster.wait_ready("kafka01", role)
        server = cluster.wait_for("kafka01", role, "waiting for the ensemble")
        assert server.ready and "of 3" in server.status, server
        assert server.phase != "serving", server
    cluster.local("start", "kafka02")
    cluster.local("start", "kafka03")
    for host in cluster.hosts:
        cluster.wait_serving(host, "zookeeper")
        cluster.wait_serving(host, "kafka")
    cluster.local("up")
    cluster.all_good()
