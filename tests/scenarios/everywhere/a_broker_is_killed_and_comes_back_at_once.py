"""A broker that is killed with -9 under load comes back at once: its launcher ends its session in the ensemble, so that
its leaders move. Where the launcher is killed with it, the next one waits until the session has timed out. One start is
enough each time, and nothing that was acknowledged is lost."""

from helpers.cluster import (
    ENDED,
    brokers,
    come_back,
    journal,
    kill_java,
    kill_launcher,
    main_process,
    start_cluster,
    wait_until_it_says,
)
from helpers.load import Load
from helpers.machine import Machine, prefix

UNIT = "kafka.service"


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    broker = brokers(machines)[1]
    for kill in (kill_java, kill_launcher):
        before = main_process(broker, UNIT)
        kill(broker, UNIT)
        started = come_back(broker, UNIT, before)
        wait_until_it_says(broker, UNIT, "serving as broker")
        assert main_process(broker, UNIT) == started, "it took more than one start"
        if not prefix(broker):  # which has a journal of all starts
            ended = journal(broker, UNIT).count(ENDED)
            assert ended == 1, f"a dead broker's session was ended {ended} times"
    load.wait_for(2000)
    load.finish()
