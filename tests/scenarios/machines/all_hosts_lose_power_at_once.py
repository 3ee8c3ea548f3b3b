"""When all hosts lose power at once under load, every one comes back by itself without a failed start, and a topic
that forces each record to the disk has lost nothing that was acknowledged."""

from helpers.cluster import brokers, failed_starts, lose_power, start_cluster, units
from helpers.load import Load, consume_all
from helpers.machine import Host
from helpers.records import acknowledged_and_lost, judge

LONG = True


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    survives = Load(brokers(machines), "survives", settings="flush.messages=1")
    other = Load(brokers(machines)[::-1], "other")
    survives.wait_for(10_000)
    lose_power(list(machines))
    start_cluster(machines)
    for machine in machines:
        for unit in units(machine):
            failed = failed_starts(machine, unit)
            assert not failed, f"a start of {unit} has failed on {machine.name}: {failed}"
    acknowledged = other.acknowledged()
    lost = acknowledged_and_lost(acknowledged, consume_all(other.machine, "other"))
    print(f"another topic has lost {len(lost)} of {len(acknowledged)} acknowledged records")
    acknowledged = survives.acknowledged()
    assert len(acknowledged) >= 10_000
    judge(acknowledged, consume_all(survives.machine, "survives"))
