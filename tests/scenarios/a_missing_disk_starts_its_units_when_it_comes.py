"""A host whose ZooKeeper disk is missing boots, writes nothing in its place to the root file system, and starts
the server when the disk comes."""

from support.cluster import Machine, mode, wait_for_quorum, wait_until


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    kafka01.unplug("zookeeper")
    for machine in (kafka01, kafka02, kafka03):
        machine.start()
    wait_until("the host is up", lambda: kafka01.execute("systemctl is-active multi-user.target")[0] == 0, 90)
    wait_for_quorum([kafka02, kafka03], 90)
    state = kafka01.get_unit_info("zookeeper.service")
    assert state["ActiveState"] == "inactive", f"zookeeper.service is {state['ActiveState']}"
    written = kafka01.succeed("if [ -e /data/zookeeper ]; then find /data/zookeeper -mindepth 1; fi")
    assert not written, f"it wrote to the root file system: {written}"
    kafka01.plug("zookeeper")
    wait_for_quorum([kafka01, kafka02, kafka03], 90)
    assert mode(kafka01)
    kafka01.succeed("mountpoint /data/zookeeper", "test -s /data/zookeeper/data/myid")
