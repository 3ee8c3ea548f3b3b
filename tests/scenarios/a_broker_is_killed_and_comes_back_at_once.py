"""A broker that is killed with -9 under load comes back at once, without a failed start, and nothing that was
acknowledged is lost."""

from support.cluster import (
    Machine,
    failed_starts,
    kill_java,
    main_process,
    restarts,
    wait_for_cluster,
    wait_until,
    wait_until_it_says,
)
from support.load import Load


def scenario(*machines: Machine) -> None:
    kafka01, kafka02, _ = machines
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines))
    load = Load(kafka01)
    before = main_process(kafka02, "kafka.service")
    kill_java(kafka02, "kafka.service")
    wait_until("the unit is started anew", lambda: main_process(kafka02, "kafka.service") not in (0, before), 15)
    wait_until_it_says(kafka02, "kafka.service", "serving as broker", 60)
    assert restarts(kafka02, "kafka.service") == 1, "it took more than one start"
    assert failed_starts(kafka02, "kafka.service") == 0, "a start has failed"
    load.wait_for(2000)
    load.finish()
