"""A host whose cable is pulled under load, for longer than its session, serves again when it is put back, with
the processes that it had, and nothing that was acknowledged is lost."""

from support.cluster import Machine, brokers_registered, restarts, wait_for_cluster, wait_until
from support.load import Load


def scenario(*machines: Machine) -> None:
    kafka01, kafka02, _ = machines
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines))
    load = Load(kafka01)
    kafka02.block()
    wait_until("its session has ended", lambda: brokers_registered(kafka01) == [1, 3], 60)
    load.wait_for(2000)
    kafka02.unblock()
    wait_until("it is registered again", lambda: brokers_registered(kafka01) == [1, 2, 3], 60)
    wait_for_cluster(list(machines))
    for unit in ("zookeeper.service", "kafka.service"):
        assert restarts(kafka02, unit) == 0, f"{unit} was started anew"
    load.finish()
