"""A host that goes away from one moment to the next under load comes back by itself, without a failed start, and
nothing that was acknowledged is lost."""

from helpers.cluster import brokers, failed_starts, start_cluster, units, wait_for_cluster
from helpers.load import Load
from helpers.machine import Machine


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    host = brokers(machines)[-1]
    host.crash()
    load.wait_for(2000)
    host.start()
    wait_for_cluster(list(machines))
    for unit in units(host):
        assert failed_starts(host, unit) == 0, f"a start of {unit} has failed"
    load.finish()
