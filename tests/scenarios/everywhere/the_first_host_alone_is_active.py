"""The host that is there first has active units that say what they wait for, and the cluster forms when the
others come."""

from helpers.cluster import start_cluster, units, wait_until_it_says
from helpers.machine import Machine


def scenario(*machines: Machine) -> None:
    first = machines[0]
    first.start()
    for unit in units(first):
        first.wait_for_unit(unit)
        line = wait_until_it_says(first, unit, "waiting for the ensemble: ")
        first.log(f"{unit}: {line}")
    start_cluster(machines)
