"""A disk that gets full and one that fails under a broker that serves take one log directory offline: the unit says
which, the broker goes on with the other, no record is lost, and after a start with the disk it has both."""

from collections.abc import Callable

from harness.hosts.machine import Machine
from helpers.cluster import (
    journal,
    log_directories,
    main_process,
    start_all,
    wait_for_cluster,
    wait_until,
    wait_until_it_says,
)
from helpers.load import Load

MOUNT = "/data/kafka2"

LONG = True


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    machines = [kafka01, kafka02, kafka03]
    start_all(machines)
    wait_for_cluster(machines)
    load = Load([kafka01, kafka02])
    goes_offline(kafka03, fill)
    assert "is offline, and its disk is full: " in journal(kafka03, "kafka.service")
    load.wait_for(2000)
    kafka03.succeed(f"rm {MOUNT}/filler", "systemctl restart kafka.service")
    wait_for_cluster(machines)
    goes_offline(kafka02, fail)
    load.wait_for(2000)
    kafka02.succeed("systemctl stop kafka.service", f"umount {MOUNT}", f"mount {MOUNT}")
    kafka02.succeed("systemctl start kafka.service")
    wait_for_cluster(machines)
    for machine in (kafka02, kafka03):
        for directory in log_directories(machine):
            machine.succeed(f"test -s {directory}/meta.properties")
    load.finish()


def goes_offline(machine: Machine, what_happens: Callable[[Machine], None]) -> None:
    before = main_process(machine, "kafka.service")
    gone = next(directory for directory in log_directories(machine) if directory.startswith(f"{MOUNT}/"))
    what_happens(machine)
    said = wait_until_it_says(machine, "kafka.service", "serving with 1 of 2 log directories")
    assert said.endswith(f"offline: {gone}"), said
    wait_until("it is warned of", lambda: f"the log directory {gone} is offline" in journal(machine, "kafka.service"))
    assert main_process(machine, "kafka.service") == before, "it was started anew"


def fill(machine: Machine) -> None:
    machine.log(f"the disk at {MOUNT} gets full")
    machine.succeed(f"cat /dev/zero >{MOUNT}/filler || true")


def fail(machine: Machine) -> None:
    machine.log(f"the disk at {MOUNT} fails")
    machine.succeed(f"xfs_io -x -c shutdown {MOUNT}")
