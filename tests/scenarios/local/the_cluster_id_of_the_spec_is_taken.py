"""`kafka.clusterId` becomes the id of a new cluster; an ensemble that has forgotten it is told so."""

import os
import signal

from harness.local.cluster import Cluster
from helpers.cluster import zk

ID = "bWUgYW5kIG15IGNsdXN0ZQ"


def scenario(cluster: Cluster) -> None:
    cluster.keep_one_host()
    cluster.spec["kafka"]["clusterId"] = ID
    cluster.local("up")
    assert ID in (cluster.data("kafka01", "/data/kafka1/logs") / "meta.properties").read_text()

    for server in cluster.role("kafka"):
        assert server.launcher, f"the broker on {server.host} does not run"
        os.kill(server.launcher, signal.SIGTERM)
        cluster.wait_ended(server.host, "kafka")
    first = cluster.machine("kafka01")
    zk(first, "deleteall /peter-kafka")
    assert not any("peter-kafka" in line for line in zk(first, "ls /")), "the ensemble has not forgotten it"
    del cluster.spec["kafka"]["clusterId"]
    cluster.local("start", "kafka01", "--role", "kafka", ok=False)
    ended = cluster.wait_ended("kafka01", "kafka")
    assert ended.exit == 78 and "cluster" in ended.status, ended
