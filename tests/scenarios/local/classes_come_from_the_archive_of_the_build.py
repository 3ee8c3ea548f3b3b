"""With the class-data archives that the build of a host makes, servers read hardly a class from a jar."""

from harness.local.class_data import start, train
from harness.local.cluster import Cluster


def scenario(cluster: Cluster) -> None:
    for role in ("zookeeper", "kafka"):
        train(cluster, role, cluster.folder / f"{role}-class-data")

    def started(role: str, name: str, archived: bool):
        class_data = cluster.folder / f"{role}-class-data" if archived else None
        return start(cluster, role, name, class_data)

    with started("zookeeper", "z1", archived=True) as zookeeper:
        with started("kafka", "k1", archived=True) as kafka:
            pass
        with started("kafka", "k2", archived=False) as plain:
            pass
    for server in (zookeeper, kafka):
        # A broker asks more of ZooKeeper than the build does, and threads come and go.
        assert len(server.read()) < 0.05 * len(server.classes()), server.read()
        assert any(" org.apache.zookeeper." in line for line in server.shared()), server.folder
        # What the JVM says of an archive that it does not take.
        assert "[cds" not in server.log(), server.log()[:2000]
    # Without one the JVM has its own, of the classes of the JDK.
    assert len(plain.read()) > 0.5 * len(plain.classes()), len(plain.read())
    # What else the units give a broker: its GC log.
    for server in (kafka, plain):
        text = (server.folder / "logs/kafkaServer-gc.log").read_text()
        assert "Using G1" in text, text[:500]
