"""A log directory of a broker is emptied: its replicas come back, and nothing is lost."""

from harness.local.cluster import Cluster
from helpers.load import Load

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    load = Load(cluster.machines)
    load.wait_for(3_000)
    cluster.local("stop", "kafka02", "--role", "kafka")
    emptied = cluster.data("kafka02", "/data/kafka1/logs")
    before = {path.name for path in emptied.glob("load-*")}
    cluster.empty("kafka02", "/data/kafka1/logs")
    cluster.local("start", "kafka02", "--role", "kafka")
    cluster.wait_serving("kafka02", "kafka")
    load.wait_for(2_000)
    cluster.local("up")
    cluster.all_good()
    here = {path.name for path in cluster.data("kafka02", "/data/kafka1/logs").glob("load-*")}
    there = {path.name for path in cluster.data("kafka02", "/data/kafka2/logs").glob("load-*")}
    assert before and len(here | there) == 3, (before, here, there)
    load.finish()
