"""A ZooKeeper disk that comes back empty does not vote on nothing: with it and one other server, where the third has
the last writes alone, there is no quorum; when the third is back, the empty one learns from the others."""

from functools import partial

from harness.hosts.machine import Machine
from helpers.cluster import (
    mode,
    says,
    start_all,
    state,
    wait_for_cluster,
    wait_for_quorum,
    wait_until,
    wait_until_it_says,
    zk,
)

LONG = True


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    start_all([kafka01, kafka02, kafka03])
    wait_for_cluster([kafka01, kafka02, kafka03])
    kafka02.shutdown()
    wait_for_quorum([kafka01, kafka03])
    # the second has never seen it
    kafka01.succeed("zkCli.sh create /promised yes")
    kafka01.shutdown()
    kafka03.shutdown()
    kafka03.unplug("zookeeper")
    kafka03.disks["zookeeper"].format()
    kafka03.plug("zookeeper")
    start_all([kafka02, kafka03])
    wait_until_it_says(kafka03, "zookeeper.service", "empty, so without a vote")
    wait_until("kafka02 is ready", lambda: state(kafka02, "zookeeper.service") == "active")
    wait_until("kafka02 says what it waits for", lambda: waits(kafka02))
    kafka03.succeed("sleep 20")
    assert not mode(kafka02) and not mode(kafka03), "an empty disk has voted"
    assert state(kafka02, "zookeeper.service") == "active", "there is nobody to vote with it"
    kafka01.start()
    wait_for_quorum([kafka01, kafka02, kafka03])
    for machine in (kafka01, kafka02, kafka03):
        wait_until(f"{machine.name} has what was promised", partial(keeps_the_promise, machine))


def waits(machine: Machine) -> bool:
    """Alone, or beside an empty one that answers and does not vote."""
    said = says(machine, "zookeeper.service")
    return said.startswith(("waiting for the ensemble: ", "electing a leader or learning from it: "))


def keeps_the_promise(machine: Machine) -> bool:
    return "yes" in zk(machine, "get /promised")
