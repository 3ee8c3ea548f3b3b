"""A server or launcher that is suspended is told as unresponsive, verify ends, and stop ends it all the same."""

import json
import os
import signal
import time

from harness.local.cluster import Cluster, Server
from harness.local.waiting import wait


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    broker, server = cluster.server("kafka02", "kafka"), cluster.server("kafka03", "zookeeper")
    for frozen in (broker, server):
        freeze(frozen.java)
        told_by_its_launcher(cluster, frozen)
        shown = cluster.server(frozen.host, frozen.role)
        assert shown.phase == "unresponsive" and f"kill -CONT {frozen.java}" in shown.status, shown
        assert "unresponsive" in cluster.local("status", within=10).stdout
    begun = time.monotonic()
    failed = cluster.kafnix_run("verify", "--local", "--timeout", "2", ok=False, within=60)
    print(f"verify took {time.monotonic() - begun:.1f} s")
    assert failed.returncode == 1, failed
    assert server.java
    os.kill(server.java, signal.SIGCONT)
    cluster.wait_serving("kafka03", "zookeeper")

    freeze(broker.launcher)
    freeze(cluster.server("kafka02", "zookeeper").java)
    cluster.local("stop", "kafka02", within=100)
    for server in cluster.servers():
        # What was killed has no exit status.
        assert server.host != "kafka02" or (server.phase, server.exit) == ("ended", 143), server

    # As systemd does it, which knows the launcher alone.
    broker = cluster.server("kafka01", "kafka")
    freeze(broker.java)
    assert broker.launcher
    os.kill(broker.launcher, signal.SIGTERM)
    assert cluster.wait_ended("kafka01", "kafka").exit == 143


def freeze(process: int | None) -> None:
    assert process
    os.kill(process, signal.SIGSTOP)


def told_by_its_launcher(cluster: Cluster, server: Server) -> None:
    file = cluster.state / server.host / server.role / "status.json"
    before = json.loads(file.read_text())
    assert before["phase"] == "serving", before

    def asked() -> bool:
        told = json.loads(file.read_text())
        return told["phase"] == "unresponsive" and told["since"] >= before["since"]

    wait(f"the launcher of {server.role} on {server.host} tells that it hangs", asked)
