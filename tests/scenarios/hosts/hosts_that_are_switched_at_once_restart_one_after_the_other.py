"""Three hosts that are switched at the same moment, by whom ever: one restarts its servers, and the others are refused
with a sentence that names it. When its servers are well the next one may. A host that dies with the turn keeps it until
it is taken away by hand."""

from helpers.cluster import processes, start_cluster, wait_for_cluster, wait_until, wait_until_it_says
from helpers.machine import Host
from helpers.switch import (
    OVERRIDE,
    begin_switch,
    ended_switch,
    of_zookeeper_alone,
    switch,
    system_of,
    turn,
    wait_until_free,
)

SWITCHES = True
LOCK = "/run/nixos/switch-to-configuration.lock"


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    wait_until_free(machines[0])
    systems = {machine.name: system_of(machine) for machine in machines}
    before = {machine.name: processes(machine) for machine in machines}
    for machine in machines:
        begin_switch(machine, systems[machine.name])
    ended = {machine.name: ended_switch(machine) for machine in machines}
    switched = [name for name, (status, _) in ended.items() if status == 0]
    assert len(switched) == 1, f"not one of them was switched: {ended}"
    first = switched[0]
    refused = [machine for machine in machines if machine.name != first]
    for machine in refused:
        status, said = ended[machine.name]
        assert status == 1 and f"`{first}` has had the turn since" in said, (status, said)
        assert OVERRIDE in said, said
        assert processes(machine) == before[machine.name], f"{machine.name} was refused, and has restarted a server"

    second, third = refused
    wait_until_free(second)
    status, said = switch(second, systems[second.name])
    assert status == 0, said
    wait_until_free(third)
    wait_for_cluster(list(machines))

    # A switch that ends before it has done anything gives the turn back.
    system = systems[third.name]
    third.succeed(f"flock {LOCK} {system}/pre-switch-checks {system} switch")
    wait_until_free(third)
    assert processes(third) == before[third.name], "a switch that was not made has restarted a server"

    # What an interrupted switch has left is restarted by the next one, whatever that changes.
    current = systems[second.name]
    second.succeed("echo kafka.service > /run/nixos/restart-list")
    show = "kafnix turn show --message-format json"
    held = second.succeed(f"flock {LOCK} sh -c '{current}/pre-switch-checks {current} switch && {show} || test $? = 1'")
    assert f'"host":"{second.name}"' in held.replace(" ", ""), held
    second.succeed("rm /run/nixos/restart-list")
    wait_until_free(second)

    # A turn that was taken by hand is kept until something was restarted; who restarts nothing asks for no turn.
    second.succeed("kafnix turn take --reason 'a new kernel'", "systemctl restart kafnix-generation")
    wait_until_it_says(second, "kafnix-generation.service", "it was taken by hand")
    other = next(machine for machine in machines if machine.name == first)
    runs = processes(other)
    status, said = switch(other, systems[first])
    assert status == 0 and processes(other) == runs, (status, said)
    assert turn(third) == second.name
    second.succeed("systemctl restart kafka")
    wait_until_free(third)

    # One dies in the middle.
    begin_switch(third, system)
    wait_until(f"{third.name} has the turn", lambda: turn(second) == third.name)
    third.crash()
    again = of_zookeeper_alone(second)
    status, said = switch(second, again)
    assert status == 1 and f"kafnix turn release {third.name}" in said, (status, said)
    assert second.execute("kafnix turn release nobody")[0] == 1
    second.succeed(f"kafnix turn release {third.name}")
    # It is its turn now, and the cluster cannot do without another host.
    status, said = switch(second, again)
    assert status == 1 and "the ensemble has no quorum" in said and turn(second) == "", (status, said)
