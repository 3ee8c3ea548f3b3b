"""A launcher that is killed takes its JVM with it, and `up` makes the cluster whole again."""

import os
import signal
from functools import partial

from harness.local.cluster import Cluster
from harness.local.waiting import wait


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    for role in ("zookeeper", "kafka"):
        server = cluster.server("kafka01", role)
        assert server.launcher and server.java
        os.kill(server.launcher, signal.SIGKILL)
        process = f"/proc/{server.java}"
        wait(f"the JVM of {role} is gone", partial(gone, process))
    cluster.local("up")
    cluster.all_good()


def gone(path: str) -> bool:
    return not os.path.exists(path)
