"""All hosts that power off at once under load are off within 90 s; every host kept its addresses until its servers had
ended, every log directory was closed cleanly, and what was acknowledged is there after the start, which begins on every
host with its addresses. So is the last host when the others are off already, and nobody answers its broker."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

from helpers.cluster import brokers, journal, listener, log_directories, settings, start_cluster, units
from helpers.load import Load, consume_all
from helpers.machine import Host
from helpers.records import judge

LONG = True
BOUND = 90
# systemd.journal-fields(7)
UNIT_STOPPED = "9d1aaa27d60140bd96365438aad20286"
UNIT_STARTING = "7d4958e842da4a758f6c1cdc7b36dcc5"
ADDRESSES = "network-addresses-*.service"


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    load.wait_for(10_000)
    power_off(*machines)
    start_cluster(machines)
    for machine in machines:
        servers_end_before_their_addresses(machine)
        servers_start_after_their_addresses(machine)
    for broker in brokers(machines):
        said = journal(broker, "kafka.service")
        assert "Recovering" not in said, f"{broker.name} recovers logs: {said}"
        for directory in log_directories(broker):
            clean = rf"Skipping recovery of \w+ logs from {directory} since clean shutdown file was found"
            assert re.search(clean, said), f"{directory} was not closed cleanly: {said}"
    judge(load.acknowledged(), consume_all(load.machine, load.topic))
    *others, last = machines
    power_off(*others)
    power_off(last)


def power_off(*machines: Host) -> None:
    """All of them at once."""
    start = time.monotonic()
    with ThreadPoolExecutor(len(machines)) as pool:
        # a list, or what one of them raises is lost
        list(pool.map(lambda machine: machine.shutdown(), machines))
    seconds = time.monotonic() - start
    names = ", ".join(machine.name for machine in machines)
    assert seconds <= BOUND, f"{names}: it took {seconds:.0f} s until they were off"
    print(f"{names}: off after {seconds:.0f} s")


def servers_end_before_their_addresses(machine: Host) -> None:
    """As the journal of the boot before tells."""
    gone = moments(machine, -1, f"--unit='{ADDRESSES}' --grep='deleting address {address(machine)}/'")
    assert gone, f"nothing has taken the address of {machine.name}"
    for unit in units(machine):
        ended = moments(machine, -1, f"MESSAGE_ID={UNIT_STOPPED} UNIT={unit}")
        assert len(ended) == 1, f"{unit} was stopped {len(ended)} times"
        early = (ended[0] - gone[0]) / 1000
        assert early < 0, f"{machine.name} lost its address {early:.0f} ms before {unit} had ended"
        print(f"{machine.name} kept its address {-early:.0f} ms longer than {unit} ran")


def servers_start_after_their_addresses(machine: Host) -> None:
    there = moments(machine, 0, f"--unit='{ADDRESSES}' --grep='adding address {address(machine)}/'")
    assert there, f"nothing has given {machine.name} its address"
    for unit in units(machine):
        early = (there[0] - moments(machine, 0, f"MESSAGE_ID={UNIT_STARTING} UNIT={unit}")[0]) / 1000
        assert early < 0, f"{unit} was started {early:.0f} ms before {machine.name} had its address"
        print(f"{machine.name} had its address {-early:.0f} ms before {unit} was started")


def address(machine: Host) -> str:
    """The one that the host's servers are bound to."""
    zookeeper = settings(machine, "zookeeper")
    return zookeeper["clientPortAddress"] if zookeeper else listener(machine).rsplit(":", 1)[0].strip("[]")


def moments(machine: Host, boot: int, matches: str) -> list[int]:
    """When the journal's lines came that match, in microseconds since the boot."""
    lines = machine.succeed(f"journalctl --boot={boot} --output=json --no-pager {matches}").splitlines()
    return sorted(int(json.loads(line)["__MONOTONIC_TIMESTAMP"]) for line in lines)
