"""Two ZooKeeper servers gone: `verify` says that there is no quorum; with them back all is good."""

from harness.local.cluster import Cluster
from harness.local.waiting import wait


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    for host in ("kafka01", "kafka02"):
        cluster.kill(host, "zookeeper")
        cluster.wait_ended(host, "zookeeper")
    wait("the last server serves no more", lambda: cluster.mode("kafka03") == "")

    status, checks = cluster.verify()
    assert status == 1
    failed = [check for check in checks if check["outcome"] == "failed"]
    leader = [check for check in failed if "leader" in check["title"]]
    assert leader, [check["title"] for check in failed]
    told = cluster.kafnix_run("verify", "--local", "--timeout", "20", ok=False)
    assert "kafnix local logs" in told.stderr, f"where to look here is not told: {told.stderr}"
    cluster.wait_for("kafka03", "zookeeper", "1 of 3")

    for host in ("kafka01", "kafka02"):
        cluster.local("start", host)
    cluster.wait_for_quorum()
    cluster.local("up")
    cluster.all_good()
