"""ZooKeeper servers whose `dataLogDir` lies in their `dataDir` start again from both, purge both, and are refused where
one of the two is emptied; with both emptied they join."""

import shutil
import subprocess

from harness.local.cluster import Cluster
from helpers.cluster import create_node, zk

LONG = True
DATA, LOG = "/data/zookeeper/data", "/data/zookeeper/data/log"
KEPT = 3


def scenario(cluster: Cluster) -> None:
    # snapshots and logs after a few changes each
    settings = {"snapCount": 10, "preAllocSize": 64}
    cluster.spec["zookeeper"] = {"dataDir": DATA, "dataLogDir": LOG, "settings": settings}
    cluster.local("up")
    create_node(cluster.machine("kafka01"), "/written", "value")
    for _ in range(3):
        # it writes, too
        cluster.all_good()
    assert not files(cluster, DATA, "log."), "a log lies with the snapshots"
    assert files(cluster, LOG, "log.") and not files(cluster, LOG, "snapshot.")
    cluster.local("down")
    purge(cluster)
    cluster.local("up")
    assert "value" in zk(cluster.machine("kafka02"), "get /written")
    for lost in (LOG, DATA):
        one_of_two_is_refused(cluster, lost)
    cluster.all_good()


def files(cluster: Cluster, directory: str, start: str) -> list[str]:
    folder = cluster.data("kafka02", directory) / "version-2"
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(start))


def purge(cluster: Cluster) -> None:
    before = files(cluster, DATA, "snapshot.")
    assert len(before) > KEPT, f"there is nothing to purge: {before}"
    logs = files(cluster, LOG, "log.")
    libraries = [str(path) for path in cluster.release("zookeeper").glob("lib/*.jar")]
    java = f"{cluster.java_home}/bin/java" if cluster.java_home else "java"
    places = [str(cluster.data("kafka02", directory)) for directory in (LOG, DATA)]
    tool = [java, "-cp", ":".join(libraries), "org.apache.zookeeper.server.PurgeTxnLog", *places, "-n", str(KEPT)]
    subprocess.run(tool, check=True, capture_output=True)
    assert len(files(cluster, DATA, "snapshot.")) == KEPT
    assert 0 < len(files(cluster, LOG, "log.")) < len(logs), "no log was purged"


def one_of_two_is_refused(cluster: Cluster, lost: str) -> None:
    cluster.local("stop", "kafka02", "--role", "zookeeper")
    folder = cluster.data("kafka02", lost)
    for path in list(folder.iterdir()):
        # what lies in the other directory is not lost with this one
        if path == cluster.data("kafka02", LOG):
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    cluster.local("start", "kafka02", "--role", "zookeeper", ok=False)
    ended = cluster.wait_ended("kafka02", "zookeeper")
    assert ended.exit == 78 and "empty both" in ended.status, ended
    cluster.empty("kafka02", DATA)
    cluster.data("kafka02", LOG).mkdir()
    cluster.local("start", "kafka02", "--role", "zookeeper")
    cluster.wait_serving("kafka02", "zookeeper")
    assert "value" in zk(cluster.machine("kafka02"), "get /written")
