"""Servers and launchers that are suspended are told as unresponsive, and stop and down end them all the same."""

import json
import os
import signal
import time

from support.cluster import Cluster, Server
from support.waiting import wait


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
    for frozen in (broker, server):
        assert frozen.java
        os.kill(frozen.java, signal.SIGCONT)
        cluster.wait_serving(frozen.host, frozen.role)

    # One host, with a launcher that is frozen as well.
    for frozen in cluster.servers():
        if frozen.host == "kafka02":
            freeze(frozen.java)
            freeze(frozen.launcher)
    cluster.local("stop", "kafka02", within=100)
    ended(cluster, "kafka02")
    cluster.local("up")

    # All of them.
    for frozen in cluster.servers():
        freeze(frozen.java)
        freeze(frozen.launcher)
    begun = time.monotonic()
    cluster.local("down", within=150)
    print(f"down took {time.monotonic() - begun:.1f} s")
    for host in cluster.hosts:
        ended(cluster, host)
    cluster.local("up")
    cluster.all_good()


def freeze(process: int | None) -> None:
    assert process
    os.kill(process, signal.SIGSTOP)


def ended(cluster: Cluster, host: str) -> None:
    """By themselves: what was killed has no exit status."""
    for server in cluster.servers():
        assert server.host != host or (server.phase, server.exit) == ("ended", 143), server


def told_by_its_launcher(cluster: Cluster, server: Server) -> None:
    file = cluster.state / server.host / server.role / "status.json"
    before = json.loads(file.read_text())
    assert before["phase"] == "serving", before

    def asked() -> bool:
        told = json.loads(file.read_text())
        return told["phase"] == "unresponsive" and told["since"] >= before["since"]

    wait(f"the launcher of {server.role} on {server.host} tells that it hangs", asked)
