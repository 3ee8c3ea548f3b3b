"""Three hosts that boot together form an ensemble and a cluster: every server is active, knows who it is, and
listens at the address of the spec."""

from functools import partial

from helpers.cluster import (
    broker_id,
    brokers_registered,
    having,
    leader,
    member,
    servers,
    settings,
    start_cluster,
    units,
    wait_until,
)
from helpers.machine import Machine

HARMLESS = True


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    assert leader(servers(machines))
    ids = sorted(broker_id(broker) for broker in having("kafka", machines))
    for machine in machines:
        units_have_their_configuration(machine)
        for unit in units(machine):
            machine.wait_for_unit(unit)
        listeners_are_bound(machine)
        assert machine.succeed("systemctl list-units --failed --no-legend") == "", "a unit has failed"
    for server in servers(machines):
        myid = server.succeed(f"cat {settings(server, 'zookeeper')['dataDir']}/myid")
        assert myid.strip() == str(member(server).id), f"{server.name} has the myid {myid}"
        if ids:
            wait_until(f"{server.name} knows {ids}", partial(knows, server, machines, ids))


def knows(server: Machine, machines: tuple[Machine, ...], ids: list[int]) -> bool:
    return brokers_registered(server, machines) == ids


def units_have_their_configuration(machine: Machine) -> None:
    """A host's server is known by its configuration alone, so a unit without one would be passed over."""
    listed = machine.succeed("systemctl list-unit-files --no-legend 'kafka.service' 'zookeeper.service'").splitlines()
    there = {line.split()[0] for line in listed if "masked" not in line}
    assert there == set(units(machine)), (
        f"{machine.name} has the units {sorted(there)}, and settings for {units(machine)}"
    )


def listeners_are_bound(machine: Machine) -> None:
    lines = machine.succeed("ss --tcp --listening --numeric --no-header").splitlines()
    bound = {line.split()[3].replace("[::ffff:", "").replace("]", "").replace("[", "") for line in lines}
    wanted = set()
    if zookeeper := settings(machine, "zookeeper"):
        own = member(machine)
        wanted.add(f"{own.address}:{zookeeper['clientPort']}")
        if own.votes:
            wanted.add(f"{own.address}:{own.election_port}")
    if broker := settings(machine, "kafka"):
        wanted.update(one.split("://")[1] for one in broker["listeners"].split(","))
    missing = {one.replace("[", "").replace("]", "") for one in wanted} - bound
    assert not missing, f"{machine.name} does not listen at {sorted(missing)}, but at {sorted(bound)}"
    local = {one for one in bound if one.startswith(("127.", "::1")) and one.rsplit(":", 1)[1] in ports(wanted)}
    assert not local, f"{machine.name} listens on its loopback addresses alone: {sorted(local)}"


def ports(addresses: set[str]) -> set[str]:
    return {address.rsplit(":", 1)[1] for address in addresses}
