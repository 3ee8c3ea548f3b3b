"""Hosts that have not run kafnix before are switched to it, all at the same moment or one after the other: nothing
holds up the first of them, and when the last one is there the cluster serves."""

from helpers.cluster import log_directories, settings, start_cluster, wait_for_cluster, wait_until
from helpers.machine import Host
from helpers.switch import begin_switch, ended_switch, switch, system_of, turn, wait_until_free

SWITCHES = True
LONG = True
UNITS = "kafka zookeeper kafnix-generation kafnix-topics"


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    wait_until_free(machines[0])
    systems = {machine.name: system_of(machine) for machine in machines}
    for machine in machines:
        forget(machine)
    for machine in machines:
        begin_switch(machine, systems[machine.name])
    for machine in machines:
        status, said = ended_switch(machine)
        assert status == 0 and "kafnix" not in said.replace(UNITS, ""), (machine.name, status, said)
    is_there(machines)

    for machine in machines:
        forget(machine)
    for machine in machines:
        status, said = switch(machine, systems[machine.name])
        assert status == 0, (machine.name, status, said)
    is_there(machines)


def is_there(machines: tuple[Host, ...]) -> None:
    wait_for_cluster(list(machines))
    wait_until("nothing is left to do", lambda: machines[0].execute("kafnix plan")[0] == 0, pause=1)
    assert turn(machines[0]) == "", "a host took the turn, and nothing was restarted"


def forget(machine: Host) -> None:
    """Makes a host one that has never run kafnix."""
    zookeeper = settings(machine, "zookeeper")
    data = {zookeeper["dataDir"], zookeeper.get("dataLogDir", zookeeper["dataDir"]), *log_directories(machine)}
    units = " ".join(f"{unit}.service*" for unit in UNITS.split())
    machine.succeed(
        f"systemctl stop {UNITS}",
        "rm -rf /var/lib/kafnix*/* /run/kafnix; find /etc/kafnix ! -type d -delete",
        f"cd /etc/systemd/system; rm -rf {units}; for unit in {UNITS}; do rm -f *.wants/$unit.service; done",
        "systemctl daemon-reload",
        "systemctl reset-failed",
        f"find {' '.join(sorted(data))} -mindepth 1 -delete",
    )
