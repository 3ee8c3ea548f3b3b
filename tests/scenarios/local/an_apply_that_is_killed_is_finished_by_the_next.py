"""`apply` is killed at three moments, two run at once, and the controller is killed under one: the next one finishes,
and kafnix still knows what it has set."""

import json
import subprocess
import time

from harness.local.cluster import Cluster
from harness.local.waiting import PATIENCE, wait
from helpers.cluster import controller
from helpers.load import topics

TOPICS = 60
# what `apply` ends with where it has done nothing
CHANGED = 2


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    names = [f"topic-{number:02}" for number in range(TOPICS)]
    settings = {"retention.ms": 3600000}
    cluster.spec["topics"] |= {name: {"partitions": 1, "replicas": 3, "settings": settings} for name in names}
    cluster.write_spec()

    for share in (1, 2, 3):
        kill_with(cluster, share * 5)
        there = made(cluster)
        print(f"killed with {there} of {TOPICS} topics there")
        assert there < TOPICS, "it was killed too late to prove anything"

    both = [start(cluster), start(cluster)]
    # One may find that the other has changed the cluster since it planned: it says so and does nothing.
    assert all(apply.wait(300) in (0, CHANGED) for apply in both)
    wait("what both have left is done", lambda: cluster.kafnix_run("apply", "--local", ok=False).returncode == 0)
    assert made(cluster) == TOPICS
    assert json.loads(cluster.kafnix_run("plan", "--local", "--message-format", "json").stdout)["steps"] == []

    # The controller is killed: the brokers that are left take what is still to be done.
    cluster.spec["topics"] |= {f"later-{number:02}": {"partitions": 1, "replicas": 2} for number in range(TOPICS)}
    cluster.write_spec()
    killed = next(host for host in cluster.hosts if cluster.server(host, "kafka").id == controller(cluster.machines[0]))
    apply = start(cluster)
    wait("some topics are there", lambda: later(cluster) >= 5)
    cluster.kill(killed, "kafka")
    there = later(cluster)
    assert there < TOPICS, "it was killed too late to prove anything"
    status = apply.wait(300)
    print(f"the controller was killed with {there} of {TOPICS} topics there, and apply ended with {status}")
    cluster.local("up")
    cluster.kafnix_run("apply", "--local")
    assert later(cluster) == TOPICS

    # What each of them has set is known to be kafnix's.
    for name in names:
        cluster.spec["topics"][name]["settings"] = {}
    cluster.kafnix_run("apply", "--local")
    described = topics(cluster.machines[0], "--describe")
    assert "retention.ms" not in described, described


def kill_with(cluster: Cluster, enough: int) -> None:
    """Kills an `apply` once so many topics are there. One that comes upon the last request of the one before finds a
    cluster that has changed since it planned: it does nothing, and the next is begun."""
    apply = start(cluster)
    end = time.monotonic() + PATIENCE
    while made(cluster) < enough:
        assert time.monotonic() < end, f"{enough} topics are not there"
        if apply.poll() is not None:
            assert apply.returncode == CHANGED, f"apply ended with {apply.returncode}"
            apply = start(cluster)
        time.sleep(0.02)
    apply.kill()
    apply.wait()


def start(cluster: Cluster) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(cluster.kafnix), "apply", "--local"],
        cwd=cluster.folder,
        env=cluster.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def later(cluster: Cluster) -> int:
    """The same of topics whose replicas are not on every broker."""
    return len({path.name for path in cluster.state.glob("kafka*/data/**/later-??-0")})


def made(cluster: Cluster) -> int:
    """How many topics the brokers' log directories have: to ask the brokers would take longer than to create them."""
    partitions = cluster.state.glob("kafka01/data/**/topic-??-0")
    return len({path.name for path in partitions})
