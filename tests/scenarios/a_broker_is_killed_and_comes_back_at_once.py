"""A broker that is killed with -9 under load comes back at once, without a failed start, and nothing that was
acknowledged is lost."""

from helpers.cluster import (
    brokers,
    failed_starts,
    kill_java,
    main_process,
    restarts,
    start_cluster,
    wait_until,
    wait_until_it_says,
)
from helpers.load import Load
from helpers.machine import Machine


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    broker = brokers(machines)[1]
    before, started = main_process(broker, "kafka.service"), restarts(broker, "kafka.service")
    kill_java(broker, "kafka.service")
    wait_until("the unit is started anew", lambda: main_process(broker, "kafka.service") not in (0, before))
    wait_until_it_says(broker, "kafka.service", "serving as broker")
    assert restarts(broker, "kafka.service") == started + 1, "it took more than one start"
    failed = failed_starts(broker, "kafka.service")
    assert not failed, f"a start has failed: {failed}"
    load.wait_for(2000)
    load.finish()
