"""A host that loses power under load, and with it what its disks had not yet been forced to keep, comes back by
itself, without a failed start, and nothing that was acknowledged is lost."""

from helpers.cluster import brokers, failed_starts, lose_power, start_cluster, units, wait_for_cluster
from helpers.load import Load
from helpers.machine import Host

LONG = True


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    host = brokers(machines)[-1]
    lose_power([host])
    load.wait_for(2000)
    host.start()
    wait_for_cluster(list(machines))
    for unit in units(host):
        failed = failed_starts(host, unit)
        assert not failed, f"a start of {unit} has failed: {failed}"
    load.finish()
