"""A broker one of whose two disks is missing at boot serves with the other, and the missing one's place on the root
file system stays empty; when the disk is there at the next start, the broker has both."""

from harness.hosts.machine import Machine
from helpers.cluster import log_directories, start_all, wait_for_cluster, wait_until_it_says
from helpers.load import Load


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    machines = [kafka01, kafka02, kafka03]
    start_all(machines)
    wait_for_cluster(machines)
    load = Load([kafka01, kafka02])
    kafka03.shutdown()
    kafka03.unplug("kafka2")
    kafka03.start()
    wait_until_it_says(kafka03, "kafka.service", "serving as broker")
    written = kafka03.succeed("if [ -e /data/kafka2 ]; then find /data/kafka2 -mindepth 1; fi")
    assert not written, f"it wrote to the root file system: {written}"
    load.wait_for(2000)
    kafka03.plug("kafka2")
    kafka03.succeed("systemctl restart kafka.service", "mountpoint /data/kafka2")
    wait_for_cluster(machines)
    for directory in log_directories(kafka03):
        kafka03.succeed(f"test -s {directory}/meta.properties")
    load.finish()
