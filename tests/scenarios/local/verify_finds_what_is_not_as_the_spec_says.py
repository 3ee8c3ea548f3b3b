"""`verify` names what differs from the spec: a dynamic override, a lost topic, a host that is down."""

import time

from harness.local.cluster import Cluster
from helpers.cluster import bootstrap
from helpers.load import topics


def override(cluster: Cluster, setting: str) -> None:
    change = f"--alter --entity-type brokers --entity-default --add-config {setting}"
    servers = f"--bootstrap-server {bootstrap(cluster.machines)}"
    cluster.machines[0].succeed(f"kafka-configs.sh {servers} {change}")


def outcomes(cluster: Cluster, code: str) -> dict[str, str]:
    """Outcome → what was found, of one check."""
    return {check["outcome"]: str(check["found"]) for check in cluster.verify()[1] if check["code"] == code}


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    override(cluster, "log.cleaner.threads=2")
    found = outcomes(cluster, "V402")
    assert "log.cleaner.threads" in found.get("note", ""), found
    assert cluster.verify()[0] == 0
    override(cluster, "min.insync.replicas=1")
    found = outcomes(cluster, "V402")
    assert "min.insync.replicas" in found.get("failed", ""), found

    topics(cluster.machines[0], "--delete --topic load")
    assert "no such topic" in outcomes(cluster, "V404").get("failed", "")

    cluster.local("stop", "kafka03")
    start = time.monotonic()
    status, checks = cluster.verify()
    seconds = time.monotonic() - start
    assert status == 1
    assert any("kafka03" in str(check["subject"]) for check in checks if check["outcome"] == "failed")
    assert seconds < 30, f"one dead host made verify take {seconds:.0f} s"
