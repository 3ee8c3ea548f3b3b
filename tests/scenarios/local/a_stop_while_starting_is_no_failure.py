"""A SIGTERM while a server is still starting ends it with 143, in whatever state it was."""

import os
import signal

from harness.local.cluster import Cluster
from harness.local.waiting import PATIENCE, wait

LONG = True


def scenario(cluster: Cluster) -> None:
    # waiting for an ensemble that is not there
    cluster.local("start", "kafka01")
    stop(cluster, "kafka01", "kafka", "waiting")
    stop(cluster, "kafka01", "zookeeper", "")
    # with the JVM just begun
    up = cluster.background("up")
    try:
        stop(cluster, "kafka03", "kafka", "starting")
    finally:
        up.terminate()
        up.wait(PATIENCE)
    cluster.local("up")
    cluster.all_good()


def stop(cluster: Cluster, host: str, role: str, phase: str) -> None:
    def asked() -> int | None:
        server = cluster.server(host, role)
        return server.launcher if phase in server.phase and server.phase != "ended" else None

    launcher = wait(f"{role} on {host} is {phase or 'there'}", asked)
    os.kill(launcher, signal.SIGTERM)
    ended = cluster.wait_ended(host, role)
    assert ended.exit == 143, ended
