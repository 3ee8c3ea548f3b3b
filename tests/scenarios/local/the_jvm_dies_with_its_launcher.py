"""A launcher that is killed takes its JVM with it, and `up` makes the cluster whole again."""

import os
import signal

from harness.local.cluster import Cluster
from harness.local.waiting import is_running, wait


def scenario(cluster: Cluster) -> None:
    cluster.keep_one_host()
    cluster.local("up")
    for role in ("zookeeper", "kafka"):
        server = cluster.server("kafka01", role)
        java = server.java
        assert server.launcher and java
        os.kill(server.launcher, signal.SIGKILL)
        wait(f"the JVM of {role} is gone", lambda java=java: not is_running(java))
    cluster.local("up")
    cluster.all_good()
