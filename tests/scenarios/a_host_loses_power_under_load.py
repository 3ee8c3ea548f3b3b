"""A host that goes away from one moment to the next under load comes back by itself, without a failed start, and
nothing that was acknowledged is lost."""

from support.cluster import Machine, failed_starts, wait_for_cluster
from support.load import Load


def scenario(*machines: Machine) -> None:
    kafka01, _, kafka03 = machines
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines))
    load = Load(kafka01)
    kafka03.crash()
    load.wait_for(2000)
    kafka03.start()
    wait_for_cluster(list(machines))
    for unit in ("zookeeper.service", "kafka.service"):
        assert failed_starts(kafka03, unit) == 0, f"a start of {unit} has failed"
    load.finish()
