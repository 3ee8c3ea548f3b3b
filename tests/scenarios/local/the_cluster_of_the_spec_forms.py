"""The cluster of the spec forms: one leader, every id in its place, every check of `verify` good."""

from harness.local.cluster import Cluster
from helpers.cluster import zk
from helpers.load import topics


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    assert all(server.ready and server.phase == "serving" for server in cluster.servers())

    modes = sorted(cluster.mode(host) for host in cluster.hosts)
    assert modes == ["follower", "follower", "leader"], modes
    for number, host in enumerate(cluster.hosts, 1):
        myid = cluster.data(host, "/data/zookeeper/data") / "myid"
        assert myid.read_text() == f"{number}\n", myid
    assert "[1, 2, 3]" in zk(cluster.machine("kafka01"), "ls /peter-kafka/brokers/ids")
    described = topics(cluster.machines[0], "--describe --topic load")
    assert "PartitionCount: 3" in described and "ReplicationFactor: 3" in described, described

    status, checks = cluster.verify()
    failed = [check for check in checks if check["outcome"] == "failed"]
    assert status == 0 and not failed, failed
    # What was only asked for the round trip is gone.
    assert topics(cluster.machines[0], "--list").split() == ["load"]
