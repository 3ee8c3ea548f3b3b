"""Every process is killed with -9 at once; after the start every acknowledged record is there."""

import os
import signal

from harness.local.cluster import Cluster
from helpers.load import Load


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    load = Load(cluster.machines)
    load.wait_for(3_000)
    for process in [pid for server in cluster.servers() for pid in (server.launcher, server.java)]:
        if process:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it died with its launcher
    cluster.local("up")
    load.wait_for(3_000)
    load.finish()
    cluster.all_good()
