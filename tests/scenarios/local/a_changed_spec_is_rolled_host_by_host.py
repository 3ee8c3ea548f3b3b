"""`up` and `rollout --local` take a changed spec host by host: the cluster takes every record meanwhile, and never are
two brokers down. What all servers of a role must take at once, they take at once."""

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from harness.local.cluster import Cluster, Server
from harness.local.waiting import wait
from helpers.cluster import broker_id, brokers, controller, leader
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


def rolled(said: str) -> dict[str, str]:
    """The hosts whose servers were restarted one after the other, in that order, each with what was said of it."""
    told = re.findall(r"^note: (\w+): restarts (.*)", said, re.MULTILINE)
    assert len(dict(told)) == len(told), f"a host was restarted twice: {said}"
    return dict(told)


def restarted_at_once(said: str) -> list[str]:
    """The servers that were restarted without a wait."""
    return re.findall(r"^note: (\w+ \w+): restarts \(", said, re.MULTILINE)


def setting(cluster: Cluster, role: str, key: str, value: int) -> None:
    cluster.spec[role].setdefault("settings", {})[key] = value


def controlling(cluster: Cluster) -> str:
    """The host whose broker is controller."""
    ids = {broker_id(machine): machine.name for machine in brokers(cluster.machines)}
    return ids[controller(cluster.machines[0])]


def one_at_a_time_under_load(cluster: Cluster) -> None:
    load = Load(cluster.machines)
    leads, controls = leader(cluster.machines).name, controlling(cluster)
    setting(cluster, "zookeeper", "autopurge.snapRetainCount", 7)
    setting(cluster, "kafka", "num.io.threads", 9)
    with watched(cluster) as seen:
        said = cluster.local("up", within=600).stderr
    load.wait_for(1000)
    load.finish()

    print(f"{len(seen)} looks at the servers")
    for role in ("kafka", "zookeeper"):
        assert most_down(seen, role) == 1, f"of {role}, {most_down(seen, role)} were down at once"
    told = rolled(said)
    assert len(told) == 3 and not restarted_at_once(said), said
    for why in told.values():
        assert "zookeeper (settings changed: autopurge.snapRetainCount)" in why, why
        assert "kafka (settings changed: num.io.threads)" in why, why
    order = list(told)
    assert order[-1] == controls, f"{controls} controls, and was not the last: {said}"
    assert leads in order[1:], f"{leads} leads, and was the first: {said}"
    cluster.all_good()


def a_stopped_server_comes_first(cluster: Cluster) -> None:
    cluster.local("stop", "kafka02", "--role", "kafka")
    setting(cluster, "kafka", "num.io.threads", 10)
    with watched(cluster) as seen:
        said = cluster.local("up", within=600).stderr
    assert most_down(seen, "kafka") == 1 and most_down(seen, "zookeeper") == 0
    assert sorted(rolled(said)) == ["kafka01", "kafka03"], said
    cluster.all_good()


def brokers_move_to_another_port_one_at_a_time(cluster: Cluster) -> None:
    """Those that were restarted listen elsewhere than those that were not. The plan says what is left."""
    cluster.kafnix_run("rollout", "plan", "--local")
    cluster.spec["kafka"]["listeners"]["PLAINTEXT"]["port"] = 9192
    planned = cluster.kafnix_run("rollout", "plan", "--local", ok=False)
    assert planned.returncode == 1 and "settings changed: advertised.listeners, listeners" in planned.stdout, planned
    with watched(cluster) as seen:
        first = cluster.kafnix_run("rollout", "apply", "--local", "--host", "kafka02")
        others = cluster.kafnix_run("rollout", "apply", "--local")
    assert list(rolled(first.stderr)) == ["kafka02"], first
    assert sorted(rolled(others.stderr)) == ["kafka01", "kafka03"], others
    assert list(rolled(others.stderr))[-1] in others.stdout, others
    assert most_down(seen, "kafka") == 1 and most_down(seen, "zookeeper") == 0
    cluster.kafnix_run("rollout", "plan", "--local")
    cluster.all_good()


def servers_of_one_role_restart_without_a_change(cluster: Cluster) -> None:
    before = {(server.host, server.role): server.java for server in cluster.servers()}
    hosts = ("--host", "kafka01", "--host", "kafka02")
    done = cluster.kafnix_run("rollout", "restart", "--local", "--only", "kafka", *hosts)
    assert sorted(rolled(done.stderr)) == ["kafka01", "kafka02"], done
    after = {(server.host, server.role): server.java for server in cluster.servers()}
    changed = {server for server, java in after.items() if java != before[server]}
    assert changed == {("kafka01", "kafka"), ("kafka02", "kafka")}, changed


def two_rollouts_wait_for_each_other(cluster: Cluster) -> None:
    setting(cluster, "kafka", "num.io.threads", 11)
    cluster.write_spec()
    command = [str(cluster.kafnix), "rollout", "apply", "--local"]
    both = [
        subprocess.Popen(
            command,
            cwd=cluster.folder,
            env=cluster.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [rollout.communicate(timeout=600)[0] for rollout in both]
    assert [rollout.returncode for rollout in both] == [0, 0], said
    assert sum("restarts the servers of this cluster one after the other: waiting for it" in text for text in said) == 1
    assert len(rolled("".join(said))) == 3, said
    cluster.all_good()


def a_broker_that_was_left_down_is_started(cluster: Cluster) -> None:
    cluster.local("stop", "kafka03", "--role", "kafka")
    planned = cluster.kafnix_run("rollout", "plan", "--local", ok=False)
    assert planned.returncode == 1 and "kafka (does not run: " in planned.stdout, planned
    done = cluster.kafnix_run("rollout", "restart", "--local", "--only", "kafka", "--host", "kafka03")
    assert done.stdout == "restarted: kafka03\n", done
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
    assert len(restarted_at_once(cluster.local("up").stderr)) == 1
    cluster.all_good()


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    one_at_a_time_under_load(cluster)
    a_stopped_server_comes_first(cluster)
    brokers_move_to_another_port_one_at_a_time(cluster)
    servers_of_one_role_restart_without_a_change(cluster)
    two_rollouts_wait_for_each_other(cluster)
    a_broker_that_was_left_down_is_started(cluster)
    all_take_another_port_together(cluster)
    a_cluster_that_does_not_serve_waits_for_nobody(cluster)
