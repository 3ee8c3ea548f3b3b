"""`kafka.clusterId` becomes the id of a new cluster; an ensemble that has forgotten it is told so."""

import os
import signal

from support.clients import zk
from support.cluster import Cluster

ID = "bWUgYW5kIG15IGNsdXN0ZQ"


def scenario(cluster: Cluster) -> None:
    cluster.spec["kafka"]["clusterId"] = ID
    cluster.local("up")
    assert ID in (cluster.data("kafka01", "/data/kafka1/logs") / "meta.properties").read_text()

    for server in cluster.role("kafka"):
        assert server.launcher, f"the broker on {server.host} does not run"
        os.kill(server.launcher, signal.SIGTERM)
        cluster.wait_ended(server.host, "kafka")
    zk(cluster, "kafka01", "deleteall", "/peter-kafka")
    del cluster.spec["kafka"]["clusterId"]
    cluster.local("start", "kafka01", "--role", "kafka", ok=False)
    ended = cluster.wait_ended("kafka01", "kafka")
    assert ended.exit == 78 and "cluster" in ended.status, ended
