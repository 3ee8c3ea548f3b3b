"""The first of three hosts, started alone, is ready within seconds and says what it waits for."""

from support.cluster import Cluster


def scenario(cluster: Cluster) -> None:
    cluster.local("start", "kafka01")
    for role in ("zookeeper", "kafka"):
        server = cluster.wait_ready("kafka01", role)
        assert "waiting for the ensemble" in server.status and "of 3" in server.status, server
        assert server.phase != "serving", server
    cluster.local("start", "kafka02")
    cluster.local("start", "kafka03")
    for host in cluster.hosts:
        cluster.wait_serving(host, "zookeeper")
        cluster.wait_serving(host, "kafka")
    cluster.local("up")
    cluster.all_good()
