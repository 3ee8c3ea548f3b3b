"""`up` and `rollout --local` take a changed spec host by host: the cluster takes every record meanwhile, and never are
two brokers down. Two rolls at once wait for each other."""

import subprocess

from harness.local.cluster import Cluster
from harness.local.rolls import most_down, restarted_at_once, rolled, setting, watched
from helpers.cluster import broker_id, brokers, controller, leader
from helpers.load import Load


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


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    one_at_a_time_under_load(cluster)
    brokers_move_to_another_port_one_at_a_time(cluster)
    two_rollouts_wait_for_each_other(cluster)
