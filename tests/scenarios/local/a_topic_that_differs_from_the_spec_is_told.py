"""`up` says of each topic of the spec that is there and differs what it has, and leaves it as it is."""

from harness.local.cluster import Cluster
from helpers.load import topics


def notes(cluster: Cluster) -> list[str]:
    """What `up` says of topics that are not as declared."""
    return [line for line in cluster.local("up").stderr.splitlines() if "not as the spec declares it" in line]


def scenario(cluster: Cluster) -> None:
    declared: dict[str, dict[str, object]]
    declared = {name: {"partitions": 3, "replicas": 3} for name in ("same", "more", "other")}
    cluster.spec["topics"] = declared
    assert not notes(cluster)
    declared["more"]["partitions"] = 6
    declared["other"] = {"partitions": 3, "replicas": 2, "settings": {"retention.ms": 3600000}}
    found = notes(cluster)
    assert len(found) == 2, found
    more, other = sorted(found)
    assert "`more`" in more and ": 3 partitions (declared: 6 partitions" in more, more
    for words in ("`other`", "partition 0 has 3 replicas", "retention.ms is 604800000", "declared: 3600000", "V404"):
        assert words in other, f"{words}: {other}"
    described = topics(cluster.machines[0], "--describe --topic more")
    assert "PartitionCount: 3" in described, described
    # what verify has more of
    failed = {check["subject"] for check in cluster.verify()[1] if check["outcome"] == "failed"}
    assert failed == {"more", "other"}, failed
