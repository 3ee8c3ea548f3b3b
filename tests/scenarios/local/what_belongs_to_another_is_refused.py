"""A myid, marker or meta.properties that names another is refused, and nothing is overwritten."""

from pathlib import Path

from harness.local.cluster import Cluster


def refused(cluster: Cluster, role: str, path: Path, ours: str, foreign: str, names: str) -> None:
    text = path.read_text()
    assert ours in text, f"{path} does not say {ours}: {text}"
    path.write_text(text.replace(ours, foreign))
    cluster.local("start", "kafka02", "--role", role, ok=False)
    ended = cluster.wait_ended("kafka02", role)
    assert ended.exit == 78 and names in ended.status, ended
    assert path.read_text() == text.replace(ours, foreign), f"{path} was overwritten"
    path.write_text(text)


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    cluster.local("stop", "kafka02")
    data = cluster.data("kafka02", "/data/zookeeper/data")
    logs = cluster.data("kafka02", "/data/kafka1/logs")
    refused(cluster, "zookeeper", data / "myid", "2", "3", "myid")
    marker = data / "kafnix-owner.json"
    refused(cluster, "zookeeper", marker, "peter-kafka", "pauls-kafka", "pauls-kafka")
    marker = logs / "kafnix-owner.json"
    refused(cluster, "kafka", marker, "peter-kafka", "pauls-kafka", "pauls-kafka")
    refused(cluster, "kafka", marker, "broker", "zookeeper", "ZooKeeper")
    meta = logs / "meta.properties"
    refused(cluster, "kafka", meta, "broker.id=2", "broker.id=3", "meta.properties")
    line = next(line for line in meta.read_text().splitlines() if line.startswith("cluster.id="))
    refused(cluster, "kafka", meta, line, "cluster.id=AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA")
    # A disk without a marker whose ids fit is adopted.
    marker.unlink()
    cluster.local("start", "kafka02")
    cluster.wait_serving("kafka02", "kafka")
    assert marker.exists()
