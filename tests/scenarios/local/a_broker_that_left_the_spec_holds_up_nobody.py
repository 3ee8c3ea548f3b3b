"""A broker that has left the spec leaves replicas behind: `up` does not wait for them, and `plan` tells of them."""

import json

from harness.local.cluster import Cluster
from helpers.load import topics

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.spec["kafka"]["settings"] |= {"delete.topic.enable": False}
    cluster.local("up")
    # Whoever wants no topic deleted gets none deleted.
    topics(cluster.machines[0], "--create --topic kept --replica-assignment 1")
    refused = cluster.kafnix_run("apply", "--local", "--delete", "kept", ok=False)
    assert refused.returncode == 2 and "`delete.topic.enable` is false" in refused.stderr, refused
    assert "kept" in topics(cluster.machines[0], "--list").split()

    gone = cluster.server(cluster.hosts[-1], "kafka").id
    del cluster.spec["hosts"][cluster.hosts[-1]]
    cluster.spec["topics"]["load"]["replicas"] = 2
    told = cluster.local("up").stderr
    assert f"not in the spec ({gone}) are not waited for (partitions: 3)" in told, told
    done = cluster.kafnix_run("plan", "--local", "--message-format", "json", ok=False)
    plan = json.loads(done.stdout)
    assert f"broker {gone}" in [one["subject"] for one in plan["open"]], plan
