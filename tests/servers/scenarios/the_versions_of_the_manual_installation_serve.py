"""ZooKeeper 3.5.9 and Kafka 2.7.0 on Java 8, as installed by hand for years, form, write and read."""

import json

from support import Skipped
from support.clients import Load
from support.cluster import ROOT, Cluster


def scenario(cluster: Cluster) -> None:
    if not cluster.jdk_8:
        raise Skipped("there is no Java 8, and tests/servers/jdk-8 cannot lay it out")
    cluster.java_home = cluster.jdk_8
    cluster.spec = json.loads((ROOT / "tests/specs/manual-installation/cluster.json").read_text())
    cluster.spec["topics"] = {"load": {"partitions": 3, "replicas": 3}}
    cluster.local("up")
    load = Load(cluster)
    load.wait_for(2_000)
    cluster.kill("kafka02", "kafka")
    cluster.wait_ended("kafka02", "kafka")
    cluster.local("start", "kafka02")
    cluster.wait_serving("kafka02", "kafka")
    load.wait_for(2_000)
    load.finish()
    cluster.local("up")
    cluster.all_good()
