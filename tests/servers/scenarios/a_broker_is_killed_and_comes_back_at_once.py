"""A broker is killed with -9 and started at once: one start is enough, and nothing is lost."""

from support.clients import Load
from support.cluster import Cluster


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    load = Load(cluster)
    load.wait_for(2_000)
    cluster.kill("kafka02", "kafka")
    assert cluster.wait_ended("kafka02", "kafka").exit == 137
    before = cluster.log("kafka02", "kafka")

    cluster.local("start", "kafka02")
    cluster.wait_serving("kafka02", "kafka")
    log = cluster.log("kafka02", "kafka")[len(before) :]
    assert "NODEEXISTS" not in log and "NodeExists" not in log, "the broker met its own past"
    assert (
        log.count("started (kafka.server.KafkaServer)") + log.count("KafkaServer: [KafkaServer id=2] started") == 1
    ), log
    load.wait_for(2_000)
    load.finish()
    cluster.local("up")
    cluster.all_good()
