"""A host whose broker a partition cannot do without is not switched, with a sentence that names the topic; `check` says
so as well. The permit of a person is used up by one switch. When the other replica is back, the host is switched. A
topic that has one replica holds up nobody: it is named. Without a quorum a broker that serves is not restarted, unless
a person says so, and a ZooKeeper server that does not serve is."""

import re

from helpers.cluster import broker_id, brokers, processes, start_cluster, wait_for_cluster, wait_until
from helpers.load import create_topic, topics
from helpers.machine import Host
from helpers.switch import OVERRIDE, of_nothing, of_zookeeper_alone, switch, system_of, turn, wait_until_free

LONG = True
SWITCHES = True
SHORT = "fewer replicas in sync than `min.insync.replicas`: guarded ("


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    wait_until_free(machines[0])
    first, second, third = brokers(machines)
    create_topic(first, "guarded", "min.insync.replicas=2")
    systems = {machine.name: system_of(machine) for machine in machines}
    before = processes(first)
    third.succeed("systemctl stop kafka")
    wait_until("the ISR has shrunk", lambda: not in_sync(first, broker_id(third)), pause=1)
    status, said = switch(first, systems[first.name], "check")
    assert status == 0 and "would refuse this switch" in said, (status, said)
    status, said = switch(first, systems[first.name])
    assert status == 1 and SHORT in said and OVERRIDE in said, (status, said)
    assert turn(first) == "" and processes(first) == before, "the switch was refused, and has changed something"

    # A permit is good for one switch, also for one that needs none.
    first.succeed("kafnix turn take --force --reason 'the disk burns'")
    status, said = switch(first, of_nothing(first, "same"))
    assert status == 0 and "the switch is forced: the disk burns" in said, (status, said)
    status, said = switch(first, systems[first.name])
    assert status == 1 and SHORT in said and "forced" not in said, (status, said)
    assert processes(first) == before, "the switch was refused, and has changed something"

    # The broker that is down is started by its own switch.
    status, said = switch(third, systems[third.name])
    assert status == 0, said
    wait_for_cluster(list(machines))
    wait_until_free(first)
    topics(first, f"--create --topic single --replica-assignment {broker_id(first)}")

    def switched() -> str:
        status, said = switch(first, systems[first.name])
        return said if status == 0 else ""

    said = wait_until("the replica is back", switched, pause=2)
    assert "refuse writes with acks=all" in said and "single (0)" in said, said
    wait_until_free(first)
    wait_for_cluster(list(machines))

    for machine in (first, third):
        machine.succeed("systemctl stop zookeeper")
    status, said = switch(second, systems[second.name])
    assert status == 1 and "no quorum" in said, (status, said)
    repaired = processes(second)
    status, said = switch(second, of_zookeeper_alone(second))
    changed = {unit for unit, process in processes(second).items() if process != repaired[unit]}
    assert status == 0 and changed == {"zookeeper.service"}, (status, said, changed)
    second.succeed("kafnix turn take --force --reason 'the disk burns'")
    status, said = switch(second, systems[second.name])
    assert status == 0 and "the switch is forced: the disk burns" in said, (status, said)
    for machine in (first, third):
        machine.succeed("systemctl start zookeeper")
    wait_for_cluster(list(machines))


def in_sync(machine: Host, broker: int) -> bool:
    """Whether the ISR of a partition has this broker."""
    described = topics(machine, "--describe --topic guarded")
    found = re.findall(r"Isr: ([0-9,]+)", described)
    assert found, described
    return any(str(broker) in one.split(",") for one in found)
