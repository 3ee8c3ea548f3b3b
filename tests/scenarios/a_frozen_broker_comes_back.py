"""A broker that is stopped under load for longer than its session serves again when it goes on, and nothing that
was acknowledged is lost."""

from support.cluster import Machine, brokers_registered, java_of, wait_for_cluster, wait_until
from support.load import Load


def scenario(*machines: Machine) -> None:
    kafka01, _, kafka03 = machines
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines))
    load = Load(kafka01)
    java = java_of(kafka03, "kafka.service")
    kafka03.succeed(f"kill -STOP {java}")
    wait_until("its session has ended", lambda: brokers_registered(kafka01) == [1, 2], 60)
    load.wait_for(2000)
    kafka03.succeed(f"kill -CONT {java}")
    wait_until("it is registered again", lambda: brokers_registered(kafka01) == [1, 2, 3], 60)
    wait_for_cluster(list(machines))
    load.finish()
