"""With all servers and launchers suspended, `down` ends them all by themselves, and they come back."""

import os
import signal
import time

from harness.local.cluster import Cluster

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    for server in cluster.servers():
        for process in (server.java, server.launcher):
            assert process
            os.kill(process, signal.SIGSTOP)
    begun = time.monotonic()
    cluster.local("down", within=150)
    print(f"down took {time.monotonic() - begun:.1f} s")
    for server in cluster.servers():
        # What was killed has no exit status.
        assert (server.phase, server.exit) == ("ended", 143), server
    cluster.local("up")
    cluster.all_good()
