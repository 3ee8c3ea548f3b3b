"""What a scenario asks of the cluster and waits for, in sentences. It talks to machines alone, by the methods
that those of the NixOS test driver have, too."""

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
# One that is driven here, or one of the NixOS test driver.
Machine = Any
CHROOT = "/peter-kafka"


def wait_until(what: str, state: Callable[[], T], within: float = 120.0) -> T:
    """Asks until the answer is true or not empty, and returns it."""
    end = time.monotonic() + within
    while not (last := state()):
        assert time.monotonic() < end, f"waited {within:.0f} s until {what}; the last answer was {last!r}"
        time.sleep(0.3)
    return last


def names(machines: Iterable[Machine]) -> str:
    return ", ".join(machine.name for machine in machines)


def mode(machine: Machine) -> str:
    """leader, follower, or nothing where its ZooKeeper server does not serve."""
    ask = f"exec 3<>/dev/tcp/{machine.name}/2181; echo srvr >&3; timeout 5 cat <&3"
    for line in machine.execute(f"bash -c '{ask}' 2>/dev/null")[1].splitlines():
        if line.startswith("Mode: "):
            return line.removeprefix("Mode: ").strip()
    return ""


def leader(machines: list[Machine]) -> Machine:
    """The one host whose server leads."""

    def leading() -> list[Machine]:
        found = [machine for machine in machines if mode(machine) == "leader"]
        return found if len(found) == 1 else []

    return wait_until(f"one of {names(machines)} leads", leading)[0]


def wait_for_quorum(machines: list[Machine], within: float = 120.0) -> None:
    """Until these servers follow one leader."""

    def formed() -> bool:
        modes = [mode(machine) for machine in machines]
        return all(modes) and modes.count("leader") == 1

    wait_until(f"{names(machines)} are a quorum", formed, within)


def says(machine: Machine, unit: str) -> str:
    """The status line of a unit."""
    return machine.get_unit_info(unit).get("StatusText", "")


def wait_until_it_says(machine: Machine, unit: str, words: str, within: float = 120.0) -> str:
    def said() -> str:
        line = says(machine, unit)
        return line if words in line else ""

    try:
        return wait_until(f"{unit} on {machine.name} says `{words}`", said, within)
    except AssertionError as error:
        raise AssertionError(f"{error}; it says `{says(machine, unit)}`") from None


def wait_for_brokers(machines: list[Machine], within: float = 120.0) -> None:
    """Until the brokers of these hosts serve."""
    for machine in machines:
        wait_until_it_says(machine, "kafka.service", "serving as broker", within)


def wait_for_cluster(machines: list[Machine], within: float = 120.0) -> None:
    """Until all servers of these hosts serve."""
    wait_for_quorum(machines, within)
    wait_for_brokers(machines, within)


def brokers_registered(machine: Machine) -> list[int]:
    """The ids below the cluster's chroot, as this host's server has them; none while it does not serve."""
    listed = machine.execute(f"zkCli.sh ls {CHROOT}/brokers/ids 2>/dev/null")[1].splitlines()
    ids = next((line for line in reversed(listed) if line.startswith("[")), "[]")
    return sorted(int(one) for one in ids.strip("[]").split(",") if one)


def main_process(machine: Machine, unit: str) -> int:
    return int(machine.get_unit_info(unit)["MainPID"])


def java_of(machine: Machine, unit: str) -> int:
    """The JVM below the launcher, in the machine's own numbers."""
    return int(machine.succeed(f"pgrep --parent {main_process(machine, unit)}").split()[0])


def kill_java(machine: Machine, unit: str) -> None:
    """Kills the server itself with -9."""
    machine.log(f"the JVM of {unit} is killed")
    machine.succeed(f"kill -9 {java_of(machine, unit)}")


def restarts(machine: Machine, unit: str) -> int:
    return int(machine.get_unit_info(unit)["NRestarts"])


def failed_starts(machine: Machine, unit: str) -> int:
    """How often systemd has seen the unit's main process end by itself with an error in this boot."""
    return journal(machine, unit).count("Main process exited, code=exited, status=1/")


def journal(machine: Machine, unit: str, boot: int = 0) -> str:
    return machine.succeed(f"journalctl --boot={boot} --unit={unit} --output=cat --no-pager")


def create_topic(machine: Machine, topic: str = "load", settings: str = "") -> None:
    configs = f"--config {settings}" if settings else ""
    machine.succeed(f"kafka-topics.sh --create --topic {topic} --partitions 3 --replication-factor 3 {configs}")
