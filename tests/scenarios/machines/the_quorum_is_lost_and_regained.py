"""When a majority of the ensemble is off under load, the units of the others stay up and say what they wait for;
when it is back the cluster serves again with the brokers that it had, and nothing that was acknowledged is lost."""

from helpers.cluster import (
    brokers,
    having,
    processes,
    start_all,
    start_cluster,
    state,
    units,
    voters,
    wait_for_cluster,
    wait_until_it_says,
)
from helpers.load import Load
from helpers.machine import Host


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    ensemble = voters(machines)
    # the load runs on the first host
    lost = [server for server in ensemble if server is not load.machine][: len(ensemble) // 2 + 1]
    left = [machine for machine in machines if machine not in lost]
    before = [processes(machine) for machine in left]
    for server in lost:
        server.crash()
    for machine in having("zookeeper", left):
        wait_until_it_says(machine, "zookeeper.service", "waiting for the ensemble: ")
    for machine in brokers(left):
        wait_until_it_says(machine, "kafka.service", "registered")
    for machine in left:
        for unit in units(machine):
            assert state(machine, unit) == "active", f"{unit} on {machine.name} is {state(machine, unit)}"
    start_all(lost)
    wait_for_cluster(list(machines))
    assert [processes(machine) for machine in left] == before, "a unit was started anew"
    load.wait_for(2000)
    load.finish()
