"""Whatever ends or suspends `local up`, and whoever stops reading, the next command takes the cluster as it is."""

import json
import os
import signal
import subprocess
from pathlib import Path

from harness.local.cluster import Cluster
from harness.local.waiting import wait
from helpers.load import topics

LONG = True


def scenario(cluster: Cluster) -> None:
    lock = cluster.state.with_suffix(".lock")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        before = started(cluster)
        up = cluster.background("up")
        # It holds the lock for a moment alone.
        wait("up has begun", lambda before=before: lock.exists() or started(cluster) != before)
        up.send_signal(number)
        assert up.wait(30) == -number
        # Whatever it was about.
        cluster.local("status", within=10)
        cluster.local("down", within=150)
    nobody_reads_progress(cluster)
    suspended_up(cluster, lock)
    cluster.local("up")
    a_launcher_is_killed(cluster)
    nobody_reads(cluster)
    cluster.local("up")
    cluster.all_good()
    assert "kafnix-verify-" not in topics(cluster.machines[0], "--list"), "a topic of verify is left"


def started(cluster: Cluster) -> list[str]:
    """What is on record of the processes that were started last; a start changes it."""
    return [record.read_text() for record in sorted(cluster.state.glob("*/*/process.json"))]


def nobody_reads_progress(cluster: Cluster) -> None:
    up = begin(cluster, "local", "up", stderr=subprocess.PIPE)
    assert up.stderr and up.stderr.readline()
    up.stderr.close()
    assert up.wait(120) == 141
    cluster.local("down", within=150)


def suspended_up(cluster: Cluster, lock: Path) -> None:
    """It holds the lock of the cluster, and has started some of its servers."""
    before = started(cluster)
    up = cluster.background("up")
    try:
        wait("a server is started", lambda: started(cluster) != before)
        up.send_signal(signal.SIGSTOP)
        cluster.local("status", within=10)
        if lock.exists():
            refused = cluster.local("down", ok=False, within=10)
            assert refused.returncode == 2 and f"kill -CONT {up.pid}" in refused.stderr, refused
        killed = cluster.local("down", "--kill", within=30)
        assert not lock.exists() or f"process {up.pid}" in killed.stderr, killed
        assert all(server.phase == "ended" for server in cluster.servers()), cluster.servers()
    finally:
        up.kill()
        up.wait(10)


def a_launcher_is_killed(cluster: Cluster) -> None:
    broker = cluster.server("kafka02", "kafka")
    assert broker.launcher and broker.java
    os.kill(broker.java, signal.SIGSTOP)
    os.kill(broker.launcher, signal.SIGKILL)
    cluster.wait_ended("kafka02", "kafka")
    cluster.local("stop", "kafka02", within=100)


def nobody_reads(cluster: Cluster) -> None:
    """kafka02 is stopped, so that there is something to tell; the pauses are longer than the test."""
    watch = begin(cluster, "verify", "--local", "--watch=3600", "--timeout", "5")
    assert watch.stdout and watch.stdout.readline().endswith(" UTC\n")
    watch.stdout.close()
    assert watch.wait(60) == 141
    follow = begin(cluster, "local", "logs", "kafka02", "--follow")
    assert follow.stdout and follow.stdout.readline()
    follow.stdout.close()
    assert follow.wait(60) == 141
    checks = json.loads(cluster.kafnix_run("verify", "--local", "--message-format", "json", ok=False).stdout)
    # V502 names the topic that could not be made where kafka02 was the controller
    left = [check for check in checks if "kafnix-verify-" in check["found"] and check["code"] != "V502"]
    assert not left, left


def begin(cluster: Cluster, *arguments: str, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(cluster.kafnix), *arguments],
        cwd=cluster.folder,
        env=cluster.environment(),
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
