"""A host whose ZooKeeper disk is missing boots, writes nothing in its place to the root file system, and starts
the server when the disk comes."""

from harness.hosts.machine import Machine
from helpers.cluster import start_all, state, wait_for_quorum, wait_until


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    kafka01.unplug("zookeeper")
    start_all([kafka01, kafka02, kafka03])
    wait_until("the host is up", lambda: state(kafka01, "multi-user.target") == "active")
    wait_for_quorum([kafka02, kafka03])
    assert state(kafka01, "zookeeper.service") == "inactive", f"it is {state(kafka01, 'zookeeper.service')}"
    written = kafka01.succeed("if [ -e /data/zookeeper ]; then find /data/zookeeper -mindepth 1; fi")
    assert not written, f"it wrote to the root file system: {written}"
    kafka01.plug("zookeeper")
    wait_for_quorum([kafka01, kafka02, kafka03])
    kafka01.succeed("mountpoint /data/zookeeper", "test -s /data/zookeeper/data/myid")
