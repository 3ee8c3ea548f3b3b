"""All hosts that power off at once under load are off within 90 s; every log was closed cleanly, and what was
acknowledged is there after the start."""

import threading
import time

from support.cluster import Machine, journal, wait_for_cluster
from support.load import Load, consume_all, judge

BOUND = 90


def scenario(*machines: Machine) -> None:
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines))
    load = Load(machines[0])
    load.wait_for(10_000)
    start = time.monotonic()
    powering = [threading.Thread(target=machine.shutdown) for machine in machines]
    for thread in powering:
        thread.start()
    for thread in powering:
        thread.join()
    seconds = time.monotonic() - start
    assert seconds <= BOUND, f"it took {seconds:.0f} s"
    print(f"all were off after {seconds:.0f} s")
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines))
    for machine in machines:
        said = journal(machine, "kafka.service")
        assert "Recovering" not in said and "unclean" not in said.lower().replace("unclean.leader", ""), said
        assert said.count("Skipping recovery") >= 2, f"the logs of {machine.name} were not closed cleanly"
    judge(load.acknowledged(), consume_all(machines[0], load.topic))
