"""A broker that is stopped under load for longer than its session serves again when it goes on, and nothing that
was acknowledged is lost."""

from helpers.cluster import (
    broker_id,
    brokers,
    java_of,
    start_cluster,
    wait_for_cluster,
    wait_until_registered,
    wait_until_unregistered,
)
from helpers.load import Load
from helpers.machine import Machine

LONG = True


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    broker = brokers(machines)[-1]
    java, own = java_of(broker, "kafka.service"), broker_id(broker)
    broker.succeed(f"kill -STOP {java}")
    wait_until_unregistered(own, machines)
    load.wait_for(2000)
    broker.succeed(f"kill -CONT {java}")
    wait_until_registered(own, machines)
    wait_for_cluster(list(machines))
    load.finish()
