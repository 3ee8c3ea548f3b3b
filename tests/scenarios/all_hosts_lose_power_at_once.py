"""When all hosts lose power at once under load, every one comes back by itself without a failed start, and a topic
that forces each record to the disk has lost nothing that was acknowledged."""

from driver.machine import lose_power
from support.cluster import Machine, failed_starts, wait_for_cluster
from support.load import Load, consume_all, judge


def scenario(*machines: Machine) -> None:
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines))
    survives = Load(machines[0], "survives", settings="flush.messages=1")
    other = Load(machines[1], "other")
    survives.wait_for(10_000)
    lose_power(list(machines))
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines), 120)
    for machine in machines:
        for unit in ("zookeeper.service", "kafka.service"):
            assert failed_starts(machine, unit) == 0, f"a start of {unit} has failed on {machine.name}"
    acknowledged = other.acknowledged()
    lost = len(set(acknowledged) - set(consume_all(machines[0], "other")))
    print(f"another topic has lost {lost} of {len(acknowledged)} acknowledged records")
    acknowledged = survives.acknowledged()
    assert len(acknowledged) >= 10_000
    judge(acknowledged, consume_all(machines[0], "survives"))
