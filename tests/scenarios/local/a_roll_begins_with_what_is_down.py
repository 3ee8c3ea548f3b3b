"""A roll begins with the servers that are down, restarts one role alone where it is asked to, and waits for nobody
where the cluster does not serve. What all servers of a role must take at once, they take at once."""

from harness.local.cluster import Cluster
from harness.local.rolls import most_down, restarted_at_once, rolled, setting, watched
from harness.local.waiting import wait

LONG = True


def a_stopped_server_comes_first(cluster: Cluster) -> None:
    cluster.local("stop", "kafka02", "--role", "kafka")
    setting(cluster, "kafka", "num.io.threads", 10)
    with watched(cluster) as seen:
        said = cluster.local("up", within=600).stderr
    assert most_down(seen, "kafka") == 1 and most_down(seen, "zookeeper") == 0
    assert sorted(rolled(said)) == ["kafka01", "kafka03"], said
    cluster.all_good()


def servers_of_one_role_restart_without_a_change(cluster: Cluster) -> None:
    before = {(server.host, server.role): server.java for server in cluster.servers()}
    hosts = ("--host", "kafka01", "--host", "kafka02")
    done = cluster.kafnix_run("rollout", "restart", "--local", "--only", "kafka", *hosts)
    assert sorted(rolled(done.stderr)) == ["kafka01", "kafka02"], done
    after = {(server.host, server.role): server.java for server in cluster.servers()}
    changed = {server for server, java in after.items() if java != before[server]}
    assert changed == {("kafka01", "kafka"), ("kafka02", "kafka")}, changed


def a_broker_that_was_left_down_is_started(cluster: Cluster) -> None:
    cluster.local("stop", "kafka03", "--role", "kafka")
    planned = cluster.kafnix_run("rollout", "plan", "--local", ok=False)
    assert planned.returncode == 1 and "kafka (does not run: " in planned.stdout, planned
    done = cluster.kafnix_run("rollout", "restart", "--local", "--only", "kafka", "--host", "kafka03")
    assert done.stdout == "restarted: kafka03\n", done
    # another broker than the one that the rollout asked may know it a moment later
    wait("the cluster is whole again", lambda: not cluster.failed_checks())


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
    a_stopped_server_comes_first(cluster)
    servers_of_one_role_restart_without_a_change(cluster)
    a_broker_that_was_left_down_is_started(cluster)
    all_take_another_port_together(cluster)
    a_cluster_that_does_not_serve_waits_for_nobody(cluster)
