"""A host whose cable is pulled under load, for longer than its session, serves again when it is put back, with
the processes that it had, and nothing that was acknowledged is lost."""

from helpers.cluster import (
    broker_id,
    brokers,
    isolate,
    processes,
    rejoin,
    start_cluster,
    wait_for_cluster,
    wait_until_registered,
    wait_until_unregistered,
)
from helpers.load import Load
from helpers.machine import Host

LONG = True


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    host = brokers(machines)[1]
    others = [machine for machine in machines if machine is not host]
    own = broker_id(host)
    before = processes(host)
    isolate(host)
    wait_until_unregistered(own, others)
    load.wait_for(2000)
    rejoin(host)
    wait_until_registered(own, others)
    wait_for_cluster(list(machines))
    assert processes(host) == before, "a unit was started anew"
    load.finish()
