"""All hosts that power off at once under load are off within 90 s; every log directory was closed cleanly, and
what was acknowledged is there after the start."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

from helpers.cluster import brokers, journal, log_directories, start_cluster
from helpers.load import Load, consume_all
from helpers.machine import Host
from helpers.records import judge

BOUND = 90
NEEDS = "power"


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    load.wait_for(10_000)
    start = time.monotonic()
    with ThreadPoolExecutor(len(machines)) as pool:
        # a list, or what one of them raises is lost
        list(pool.map(lambda machine: machine.shutdown(), machines))
    seconds = time.monotonic() - start
    assert seconds <= BOUND, f"it took {seconds:.0f} s"
    print(f"all were off after {seconds:.0f} s")
    start_cluster(machines)
    for broker in brokers(machines):
        said = journal(broker, "kafka.service")
        assert "Recovering" not in said, f"{broker.name} recovers logs: {said}"
        for directory in log_directories(broker):
            clean = rf"Skipping recovery of \w+ logs from {directory} since clean shutdown file was found"
            assert re.search(clean, said), f"{directory} was not closed cleanly: {said}"
    judge(load.acknowledged(), consume_all(load.machine, load.topic))
