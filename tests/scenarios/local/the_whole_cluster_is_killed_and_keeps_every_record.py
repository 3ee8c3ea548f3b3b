"""Every process is killed with -9 at once, before a start and while it waits for them; after the start every
acknowledged record is there."""

import os
import signal

from harness.local.cluster import Cluster
from harness.local.waiting import wait
from helpers.load import Load

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    load = Load(cluster.machines)
    load.wait_for(3_000)
    send(cluster, signal.SIGKILL)
    cluster.local("up")
    load.wait_for(3_000)
    # Those that are suspended run, as far as the start can see, and never serve.
    send(cluster, signal.SIGSTOP)
    start = cluster.background("up")
    shown = cluster.folder / "background.log"
    wait("the start has seen what runs", lambda: shown.read_text().count("is suspended") == len(cluster.servers()))
    send(cluster, signal.SIGKILL)
    assert start.wait(300) == 0, shown.read_text()
    load.wait_for(3_000)
    load.finish()
    cluster.all_good()


def send(cluster: Cluster, number: int) -> None:
    for process in [pid for server in cluster.servers() for pid in (server.launcher, server.java)]:
        if process:
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass  # it died with its launcher
