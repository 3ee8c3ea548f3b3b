"""What a scenario asks of the cluster and waits for."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .machine import Host, Machine

T = TypeVar("T")
M = TypeVar("M", bound=Machine)
SERVERS = {"zookeeper": "/etc/zookeeper/zoo.cfg", "kafka": "/etc/kafka/server.properties"}


def wait_until(what: str, state: Callable[[], T], within: float = 120.0) -> T:
    """Asks until the answer is true or not empty, and returns it."""
    end = time.monotonic() + within
    while not (last := state()):
        assert time.monotonic() < end, f"waited {within:.0f} s until {what}; the last answer was {last!r}"
        time.sleep(0.3)
    return last


def names(machines: Iterable[Machine]) -> str:
    return ", ".join(machine.name for machine in machines)


def start_all(machines: Iterable[Machine]) -> None:
    for machine in machines:
        machine.start()


# What a host is, by its own files


def settings(machine: Machine, role: str) -> dict[str, str]:
    """The settings of the host's server, nothing where it has none of that kind."""
    file = SERVERS[role]
    lines = machine.succeed(f"if [ -e {file} ]; then cat {file}; fi").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def servers(machines: Iterable[M]) -> list[M]:
    """Those that are ZooKeeper servers."""
    return [machine for machine in machines if settings(machine, "zookeeper")]


def brokers(machines: Iterable[M]) -> list[M]:
    return [machine for machine in machines if settings(machine, "kafka")]


def units(machine: Machine) -> list[str]:
    """Those of kafnix that this host has."""
    return [f"{role}.service" for role in SERVERS if settings(machine, role)]


def chroot(machine: Machine) -> str:
    """Where the cluster lies in the ensemble; empty for its root."""
    _, slash, path = settings(machine, "kafka")["zookeeper.connect"].partition("/")
    return (slash + path).rstrip("/")


@dataclass(frozen=True)
class Member:
    """What stands behind `server.ID=`."""

    id: int
    address: str
    peer_port: int
    election_port: int
    votes: bool


def members(machine: Machine) -> list[Member]:
    """The ensemble, as the host's server has it."""
    found = []
    for key, value in settings(machine, "zookeeper").items():
        if key.startswith("server."):
            member = re.match(r"\[?([^\]]+?)\]?:(\d+):(\d+)(:observer)?", value)
            assert member, f"{key}={value} is no member of an ensemble"
            ports = (int(member[2]), int(member[3]))
            found.append(Member(int(key.removeprefix("server.")), member[1], *ports, not member[4]))
    return found


def member(machine: Machine) -> Member:
    """What the ensemble knows the host's server by."""
    address = settings(machine, "zookeeper")["clientPortAddress"]
    own = [one for one in members(machine) if one.address == address]
    assert len(own) == 1, f"{machine.name} is {own} of its ensemble"
    return own[0]


def voters(machines: Iterable[M]) -> list[M]:
    """The ZooKeeper servers that a quorum is made of."""
    return [machine for machine in servers(machines) if member(machine).votes]


def broker_id(machine: Machine) -> int:
    return int(settings(machine, "kafka")["broker.id"])


def listener(machine: Machine) -> str:
    """HOST:PORT at which the host's broker is reached by the other hosts: that of the brokers among themselves."""
    kafka = settings(machine, "kafka")
    advertised = dict(one.split("://") for one in kafka["advertised.listeners"].split(","))
    return advertised[kafka["inter.broker.listener.name"]]


def bootstrap(machines: Iterable[Machine]) -> str:
    return ",".join(listener(machine) for machine in machines)


def log_directories(machine: Machine) -> list[str]:
    return settings(machine, "kafka")["log.dirs"].split(",")


# The ensemble


def mode(machine: Machine) -> str:
    """leader, follower, or nothing where its ZooKeeper server does not serve."""
    zookeeper = settings(machine, "zookeeper")
    address = f"{zookeeper['clientPortAddress'].strip('[]')}/{zookeeper['clientPort']}"
    ask = f"exec 3<>/dev/tcp/{address}; echo srvr >&3; timeout 5 cat <&3"
    for line in machine.execute(f"bash -c '{ask}' 2>/dev/null")[1].splitlines():
        if line.startswith("Mode: "):
            return line.removeprefix("Mode: ").strip()
    return ""


def leader(machines: Sequence[M]) -> M:
    """The one host whose server leads."""

    def leading() -> list[M]:
        found = [machine for machine in machines if mode(machine) == "leader"]
        return found if len(found) == 1 else []

    return wait_until(f"one of {names(machines)} leads", leading)[0]


def wait_for_quorum(machines: Sequence[Machine], within: float = 120.0) -> None:
    """Until these servers follow one leader."""

    def formed() -> bool:
        modes = [mode(machine) for machine in machines]
        return all(modes) and modes.count("leader") == 1

    wait_until(f"{names(machines)} are a quorum", formed, within)


def zk(machine: Machine, command: str) -> list[str]:
    """What ZooKeeper's shell prints of one command, asked of this host's server; nothing while it does not serve."""
    return machine.execute(f"zkCli.sh {command} 2>/dev/null")[1].splitlines()


def brokers_registered(server: Machine, machines: Iterable[Machine]) -> list[int]:
    """The ids below the chroot of these hosts' brokers, as this server has them."""
    listed = zk(server, f"ls {chroot(brokers(machines)[0])}/brokers/ids")
    ids = next((line for line in reversed(listed) if line.startswith("[")), "[]")
    return sorted(int(one) for one in ids.strip("[]").split(",") if one)


def wait_until_registered(broker: int, machines: Sequence[Machine], within: float = 60.0) -> None:
    """Until the ensemble knows this broker, as one of these hosts has it."""
    witness = servers(machines)[0]
    wait_until(f"broker {broker} is registered", lambda: broker in brokers_registered(witness, machines), within)


def wait_until_unregistered(broker: int, machines: Sequence[Machine], within: float = 60.0) -> None:
    witness = servers(machines)[0]

    def gone() -> bool:
        registered = brokers_registered(witness, machines)
        return bool(registered) and broker not in registered

    wait_until(f"the session of broker {broker} has ended", gone, within)


# The units


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


def wait_for_brokers(machines: Sequence[Machine], within: float = 120.0) -> None:
    """Until the brokers of these hosts serve."""
    for machine in machines:
        wait_until_it_says(machine, "kafka.service", "serving as broker", within)


def wait_for_cluster(machines: Sequence[Machine], within: float = 120.0) -> None:
    """Until all servers of these hosts serve."""
    wait_for_quorum(servers(machines), within)
    wait_for_brokers(brokers(machines), within)


def start_cluster(machines: Iterable[Machine], within: float = 120.0) -> None:
    """Boots these hosts together and waits until all of their servers serve."""
    start_all(machines)
    wait_for_cluster(list(machines), within)


def state(machine: Machine, unit: str) -> str:
    return machine.get_unit_info(unit)["ActiveState"]


def main_process(machine: Machine, unit: str) -> int:
    return int(machine.get_unit_info(unit)["MainPID"])


def processes(machine: Machine) -> dict[str, int]:
    """Those of the host's units: another number is another start."""
    return {unit: main_process(machine, unit) for unit in units(machine)}


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


def refused(machine: Machine, unit: str) -> str:
    """Starts a unit that must be refused for good: it ends with 78 and is not started again. What it said last."""
    machine.execute(f"systemctl start {unit}")
    wait_until(f"{unit} has failed", lambda: state(machine, unit) == "failed", 60)
    status = machine.get_unit_info(unit)["ExecMainStatus"]
    assert status == "78", f"{unit} ended with {status}"
    # longer than the pause before a restart
    time.sleep(4)
    assert state(machine, unit) == "failed" and restarts(machine, unit) == 0, f"{unit} is started again and again"
    said = machine.succeed(f"journalctl --boot=0 --output=cat --no-pager SYSLOG_IDENTIFIER={unit.split('.')[0]}")
    return said.splitlines()[-1]


# What happens to hosts


def isolate(machine: Host) -> None:
    """Cuts a host off from all others."""
    machine.log("is cut off")
    machine.block()


def rejoin(machine: Host) -> None:
    machine.log("is put back")
    machine.unblock()


def lose_power(machines: Sequence[Host]) -> None:
    """Takes the power from hosts at once: what had not been forced to a disk is lost."""
    together = getattr(machines[0], "lose_power_with", None)
    if together:
        together(machines[1:])
        return
    # the page cache of a virtual machine goes away with it
    for machine in machines:
        machine.crash()
