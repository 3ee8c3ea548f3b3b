"""`up` takes a changed setting server by server: the cluster takes every record meanwhile, and never are two brokers
down. What all servers of a kind must take at once, they take at once."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from harness.local.cluster import Cluster, Server
from harness.local.waiting import wait
from helpers.cluster import leader
from helpers.load import Load

# Phases of a server that serves, or has served and waits for others.
UP = ("serving", "unavailable")


@contextmanager
def watched(cluster: Cluster) -> Iterator[list[list[Server]]]:
    """What `status` says of the servers, again and again until the end of the block."""
    seen: list[list[Server]] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            seen.append(cluster.servers())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def most_down(seen: list[list[Server]], role: str) -> int:
    """How many servers of a kind were down at once."""
    return max(sum(server.role == role and server.phase not in UP for server in servers) for servers in seen)


def restarted(said: str) -> list[str]:
    """The servers that were restarted, in that order, each with the reason."""
    return re.findall(r"^note: (\w+ \w+: restarts \(.*?\))", said, re.MULTILINE)


def setting(cluster: Cluster, role: str, key: str, value: int) -> None:
    cluster.spec[role].setdefault("settings", {})[key] = value


def one_at_a_time_under_load(cluster: Cluster) -> None:
    load = Load(cluster.machines)
    leads = leader(cluster.machines).name
    setting(cluster, "zookeeper", "autopurge.snapRetainCount", 7)
    setting(cluster, "kafka", "num.io.threads", 9)
    with watched(cluster) as seen:
        said = cluster.local("up", within=600).stderr
    load.wait_for(1000)
    load.finish()

    print(f"{len(seen)} looks at the servers")
    for role in ("kafka", "zookeeper"):
        assert most_down(seen, role) == 1, f"of {role}, {most_down(seen, role)} were down at once"
    order = restarted(said)
    assert len(order) == len(set(order)) == 6, said
    assert all("zookeeper" in name and "changed: autopurge.snapRetainCount" in name for name in order[:3]), order
    assert all("kafka: " in name and "changed: num.io.threads" in name for name in order[3:]), order
    assert order[2].startswith(leads), f"{leads} led, and was not the last of the ensemble: {order}"
    cluster.all_good()


def a_stopped_server_comes_first(cluster: Cluster) -> None:
    cluster.local("stop", "kafka02", "--role", "kafka")
    setting(cluster, "kafka", "num.io.threads", 10)
    with watched(cluster) as seen:
        said = cluster.local("up", within=600).stderr
    assert most_down(seen, "kafka") == 1 and most_down(seen, "zookeeper") == 0
    names = [name.split()[0] for name in restarted(said)]
    assert sorted(names) == ["kafka01", "kafka03"], said
    cluster.all_good()


def all_take_another_port_together(cluster: Cluster) -> None:
    brokers = {server.java for server in cluster.role("kafka")}
    cluster.spec["zookeeper"]["peerPort"] = 2889
    said = cluster.local("up").stderr
    assert "every ZooKeeper server restarts at once" in said and "`server.1`" in said, said
    assert {server.java for server in cluster.role("kafka")} == brokers, "brokers do not know the ports among peers"
    cluster.all_good()


def a_cluster_that_does_not_serve_waits_for_nobody(cluster: Cluster) -> None:
    """Two of three ZooKeeper servers are gone: whoever runs is restarted without a wait."""
    for host in ("kafka01", "kafka02"):
        cluster.local("stop", host, "--role", "zookeeper")
    wait("ZooKeeper does not serve on kafka03", lambda: cluster.server("kafka03", "zookeeper").phase == "unavailable")
    setting(cluster, "zookeeper", "autopurge.snapRetainCount", 8)
    assert len(restarted(cluster.local("up").stderr)) == 1
    cluster.all_good()


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    one_at_a_time_under_load(cluster)
    a_stopped_server_comes_first(cluster)
    all_take_another_port_together(cluster)
    a_cluster_that_does_not_serve_waits_for_nobody(cluster)
