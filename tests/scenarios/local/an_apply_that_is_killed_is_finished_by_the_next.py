"""`apply` is killed at three moments and two run at once: the next one finishes, and kafnix still knows what it has
set."""

import json
import subprocess

from harness.local.cluster import Cluster
from harness.local.waiting import wait
from helpers.load import topics

TOPICS = 40


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    names = [f"topic-{number:02}" for number in range(TOPICS)]
    settings = {"retention.ms": 3600000}
    cluster.spec["topics"] |= {name: {"partitions": 1, "replicas": 3, "settings": settings} for name in names}
    cluster.write_spec()

    for share in (1, 2, 3):
        apply = start(cluster)
        wait(f"{share * 5} topics are there", lambda enough=share * 5: made(cluster) >= enough)
        apply.kill()
        apply.wait()
        there = made(cluster)
        print(f"killed with {there} of {TOPICS} topics there")
        assert there < TOPICS, "it was killed too late to prove anything"

    both = [start(cluster), start(cluster)]
    # One may find that the other has changed the cluster since it planned: it says so and does nothing.
    assert all(apply.wait(300) in (0, 2) for apply in both)
    cluster.kafnix_run("apply", "--local")
    assert made(cluster) == TOPICS
    assert json.loads(cluster.kafnix_run("plan", "--local", "--message-format", "json").stdout)["steps"] == []

    # What each of them has set is known to be kafnix's.
    for name in names:
        cluster.spec["topics"][name]["settings"] = {}
    cluster.kafnix_run("apply", "--local")
    described = topics(cluster.machines[0], "--describe")
    assert "retention.ms" not in described, described


def start(cluster: Cluster) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(cluster.kafnix), "apply", "--local"],
        cwd=cluster.folder,
        env=cluster.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def made(cluster: Cluster) -> int:
    """How many topics the brokers' log directories have: to ask the brokers would take longer than to create them."""
    partitions = cluster.state.glob("kafka01/data/**/topic-??-0")
    return len({path.name for path in partitions})
