"""All servers get SIGTERM at once under load: each ends within 90 s, and no log is recovered after it."""

import os
import signal
import time

from harness.local.cluster import Cluster
from helpers.load import Load, consume_all
from helpers.records import judge

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    load = Load(cluster.machines)
    load.wait_for(10_000)
    servers = cluster.servers()
    start = time.monotonic()
    for server in servers:
        assert server.launcher
        os.kill(server.launcher, signal.SIGTERM)
    for server in servers:
        ended = cluster.wait_ended(server.host, server.role, within=90 - (time.monotonic() - start))
        assert ended.exit == 143, ended
    cluster.machines[0].stop_background("load", signal.SIGKILL)

    for host in cluster.hosts:
        for directory in ("/data/kafka1/logs", "/data/kafka2/logs"):
            clean = cluster.data(host, directory) / ".kafka_cleanshutdown"
            assert clean.exists(), f"{host} did not close {directory}"
    before = {host: len(cluster.log(host, "kafka")) for host in cluster.hosts}
    cluster.local("up")
    for host in cluster.hosts:
        log = cluster.log(host, "kafka")[before[host] :]
        assert "Skipping recovery" in log, f"{host} says nothing of a clean stop"
        assert "Attempting recovery for all logs" not in log, f"{host} recovered its logs"
    judge(load.acknowledged(), consume_all(load.machine, load.topic))
