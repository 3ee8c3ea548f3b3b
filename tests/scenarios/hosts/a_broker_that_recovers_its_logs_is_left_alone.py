"""A broker that recovers its logs is not restarted: the guard refuses the switch of its host, and a rollout waits until
it serves. Its status line says how far it is."""

import re

from helpers.cluster import (
    broker_id,
    brokers,
    kill_java,
    log_directories,
    start_cluster,
    wait_for_cluster,
    wait_until_it_says,
)
from helpers.load import produce, topics
from helpers.machine import Host
from helpers.switch import Operator, switch, system_of, turn, wait_until_free

SWITCHES = True
LONG = True
RECOVERS = "recovering its logs"


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    wait_until_free(machines[0])
    second, third = brokers(machines)[-2:]
    systems = {machine.name: system_of(machine) for machine in machines}
    slow_to_recover(third)
    operator = Operator(second, machines, systems)

    status = wait_until_it_says(third, "kafka.service", "logs loaded")
    assert re.search(rf"{RECOVERS}, .*: [0-9]+ of [0-9]+ logs loaded", status), status
    for verb, expected in (("check", 0), ("switch", 1)):
        status, said = switch(third, systems[third.name], verb)
        assert status == expected and f"kafka.service is {RECOVERS}" in said, (verb, status, said)
    assert turn(second) == "", "the switch was refused, and the host has the turn"
    operator.begin()
    assert second.execute(f"sleep 3; cat {Operator.FOLDER}/asked")[0] != 0, "a host is switched while a broker recovers"
    assert RECOVERS in third.succeed("systemctl show --property=StatusText kafka"), "it does not recover any more"
    said = operator.finish()
    assert f"the broker of `{third.name}` runs and does not serve: it may be {RECOVERS}" in said, said
    assert "switched, one after the other" in said, said
    wait_for_cluster(list(machines))


def slow_to_recover(machine: Host) -> None:
    """Gives a broker thousands of segments, and takes from it what says how far they are on the disk."""
    only = f"--replica-assignment {broker_id(machine)} --config segment.bytes=200"
    topics(machine, f"--create --topic segments {only}")
    produce(machine, "segments", [str(number) for number in range(4000)], "batch.size=1")
    kill_java(machine, "kafka.service")
    for folder in log_directories(machine):
        machine.succeed(f"rm -f {folder}/recovery-point-offset-checkpoint")
