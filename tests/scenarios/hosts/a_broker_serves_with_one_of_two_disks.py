"""A broker one of whose two disks is missing at boot serves with the other, and the missing one's place on the root
file system stays empty; its unit says so; when the disk is there at the next start, the broker has both."""

from harness.hosts.machine import Machine
from helpers.cluster import log_directories, says, start_all, wait_for_cluster, wait_until_it_says
from helpers.load import Load


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    machines = [kafka01, kafka02, kafka03]
    start_all(machines)
    wait_for_cluster(machines)
    load = Load([kafka01, kafka02])
    kafka03.shutdown()
    kafka03.unplug("kafka2")
    kafka03.start()
    said = wait_until_it_says(kafka03, "kafka.service", "serving with 1 of 2 log directories")
    missing = [directory for directory in log_directories(kafka03) if directory.startswith("/data/kafka2")]
    assert said.endswith(f"offline: {missing[0]}"), said
    written = kafka03.succeed("if [ -e /data/kafka2 ]; then find /data/kafka2 -mindepth 1; fi")
    assert not written, f"it wrote to the root file system: {written}"
    load.wait_for(2000)
    kafka03.plug("kafka2")
    kafka03.succeed("systemctl restart kafka.service", "mountpoint /data/kafka2")
    wait_for_cluster(machines)
    assert "offline" not in says(kafka03, "kafka.service")
    for directory in log_directories(kafka03):
        kafka03.succeed(f"test -s {directory}/meta.properties")
    load.finish()
