"""What a scenario asks of the cluster and waits for."""

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .machine import Host, Machine, prefix

T = TypeVar("T")
M = TypeVar("M", bound=Machine)
# Where a wait ends that would never end by itself. What is to be there in time has a bound of its own; a machine that
# does much else takes several times as long for all of it.
PATIENCE = 300.0
# What stands for every address of a host, with the one of them at which it finds itself.
EVERY = {"0.0.0.0": "127.0.0.1", "::": "::1"}
# What a launcher says of the session of a broker that is dead, and that it has ended that session.
DEAD = "the broker is dead"
ENDED = f"{DEAD}: removed "
SERVERS = {"zookeeper": "/etc/zookeeper/zoo.cfg", "kafka": "/etc/kafka/server.properties"}


def wait_until(what: str, state: Callable[[], T], within: float = PATIENCE, pause: float = 0.3) -> T:
    """Asks until the answer is true or not empty, and returns it; with a longer pause where a tool of the products
    asks, which starts a JVM for each question."""
    end = time.monotonic() + within
    while not (last := state()):
        assert time.monotonic() < end, f"waited {within:.0f} s until {what}; the last answer was {last!r}"
        time.sleep(pause)
    return last


def names(machines: Iterable[Machine]) -> str:
    return ", ".join(machine.name for machine in machines)


def start_all(machines: Iterable[Machine]) -> None:
    for machine in machines:
        machine.start()


# What a host is, by its own files


def settings(machine: Machine, role: str) -> dict[str, str]:
    """The settings of the host's server, nothing where it has none of that kind."""
    file = prefix(machine) + SERVERS[role]
    lines = machine.succeed(f"if [ -e {file} ]; then cat {file}; fi").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def having(role: str, machines: Iterable[M]) -> list[M]:
    """Those with a server of this kind, which may be none."""
    return [machine for machine in machines if settings(machine, role)]


def servers(machines: Iterable[M]) -> list[M]:
    """Those that are ZooKeeper servers."""
    machines = list(machines)
    found = having("zookeeper", machines)
    assert found, f"none of {names(machines)} has {SERVERS['zookeeper']}"
    return found


def brokers(machines: Iterable[M]) -> list[M]:
    machines = list(machines)
    found = having("kafka", machines)
    assert found, f"none of {names(machines)} has {SERVERS['kafka']}"
    return found


def units(machine: Machine) -> list[str]:
    """Those of kafnix that this host has."""
    found = [f"{role}.service" for role in SERVERS if settings(machine, role)]
    assert found, f"{machine.name} has none of {', '.join(SERVERS.values())}"
    return found


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
    bound = addresses(machine) if address in EVERY else [address]
    own = [one for one in members(machine) if one.address in bound]
    assert len(own) == 1, f"{machine.name} is {own} of its ensemble"
    return own[0]


def addresses(machine: Machine) -> list[str]:
    """Those of the host."""
    cards = json.loads(machine.succeed("ip -json address show"))
    return [address["local"] for card in cards if card for address in card["addr_info"]]


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
    found = settings(machine, "kafka")["log.dirs"].split(",")
    assert all(directory.startswith("/") for directory in found), f"log.dirs of {machine.name} is {found}"
    return found


# The ensemble


def own_address(machine: Machine, zookeeper: dict[str, str]) -> str:
    """Where the host itself finds its ZooKeeper server, even before it has its addresses."""
    bound = zookeeper["clientPortAddress"]
    return EVERY.get(bound, bound)


def client_address(machine: Machine) -> str:
    """HOST:PORT at which the host's own clients reach its ZooKeeper server."""
    zookeeper = settings(machine, "zookeeper")
    return f"{own_address(machine, zookeeper)}:{zookeeper['clientPort']}"


def mode(machine: Machine) -> str:
    """leader, follower, or nothing where its ZooKeeper server does not serve."""
    zookeeper = settings(machine, "zookeeper")
    address = f"{own_address(machine, zookeeper).strip('[]')}/{zookeeper['clientPort']}"
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


def wait_for_quorum(machines: Sequence[Machine]) -> None:
    """Until these servers follow one leader."""

    def formed() -> bool:
        modes = [mode(machine) for machine in machines]
        return all(modes) and modes.count("leader") == 1

    wait_until(f"{names(machines)} are a quorum", formed)


def zk(machine: Machine, command: str) -> list[str]:
    """What ZooKeeper's shell prints of one command, asked of this host's server; nothing while it does not serve."""
    return machine.execute(f"zkCli.sh -server {client_address(machine)} {command} 2>/dev/null")[1].splitlines()


def controller(machine: Machine) -> int:
    """The id of the broker that is controller, as this host's ZooKeeper server has it."""
    told = "".join(zk(machine, f"get {chroot(machine)}/controller"))
    found = re.search(r'"brokerid":(\d+)', told)
    assert found, told
    return int(found[1])


def create_node(machine: Machine, path: str, data: str) -> None:
    """Creates a znode by this host's server."""
    said = machine.succeed(f"zkCli.sh -server {client_address(machine)} create {path} {data} 2>&1")
    assert f"Created {path}" in said.splitlines(), f"{path} is not created: {said}"


def published(machine: Machine, node: str) -> dict[str, Any]:
    """What a host has told the ensemble of itself, once it has."""
    path = f"{chroot(machine)}/kafnix/hosts/{node}"

    def told() -> dict[str, Any]:
        found = [line for line in zk(machine, f"get {path}") if line.startswith("{")]
        return dict(json.loads(found[-1])) if found else {}

    return wait_until(f"{machine.name} has published {path}", told, pause=1)


def brokers_registered(server: Machine, machines: Iterable[Machine]) -> list[int]:
    """The ids below the chroot of these hosts' brokers, as this server has them."""
    listed = zk(server, f"ls {chroot(brokers(machines)[0])}/brokers/ids")
    ids = next((line for line in reversed(listed) if re.fullmatch(r"\[\d+(, \d+)*\]", line)), "")
    return sorted(map(int, re.findall(r"\d+", ids)))


def wait_until_registered(broker: int, machines: Sequence[Machine]) -> None:
    """Until the ensemble knows this broker, as one of these hosts has it."""
    witness = servers(machines)[0]
    wait_until(f"broker {broker} is registered", lambda: broker in brokers_registered(witness, machines), pause=1)


def wait_until_unregistered(broker: int, machines: Sequence[Machine]) -> None:
    witness = servers(machines)[0]

    def gone() -> bool:
        registered = brokers_registered(witness, machines)
        return bool(registered) and broker not in registered

    wait_until(f"the session of broker {broker} has ended", gone, pause=1)


# The units


def info(machine: Machine, unit: str) -> dict[str, str]:
    """What systemd knows of a unit. It tells of one that is not there as well: inactive, with no process."""
    found = machine.get_unit_info(unit)
    assert found.get("LoadState") == "loaded", f"{machine.name} has no {unit}: it is {found.get('LoadState')}"
    return found


def says(machine: Machine, unit: str) -> str:
    """The status line of a unit."""
    return info(machine, unit).get("StatusText", "")


def wait_until_it_says(machine: Machine, unit: str, words: str) -> str:
    def said() -> str:
        found = info(machine, unit)
        assert found["ActiveState"] != "failed", f"{unit} on {machine.name} has failed"
        line = found.get("StatusText", "")
        return line if words in line else ""

    try:
        return wait_until(f"{unit} on {machine.name} says `{words}`", said)
    except AssertionError as error:
        raise AssertionError(f"{error}; it says `{says(machine, unit)}`") from None


def wait_for_brokers(machines: Sequence[Machine]) -> None:
    """Until the brokers of these hosts serve."""
    for machine in machines:
        wait_until_it_says(machine, "kafka.service", "serving as broker")


def wait_for_cluster(machines: Sequence[Machine]) -> None:
    """Until all servers of these hosts serve."""
    wait_for_quorum(servers(machines))
    wait_for_brokers(having("kafka", machines))


def start_cluster(machines: Sequence[Machine]) -> None:
    """Boots these hosts together and waits until all of their servers serve."""
    start_all(machines)
    wait_for_cluster(machines)


def state(machine: Machine, unit: str) -> str:
    return info(machine, unit)["ActiveState"]


def main_process(machine: Machine, unit: str) -> int:
    """The launcher; 0 where the unit does not run."""
    return int(info(machine, unit)["MainPID"])


def processes(machine: Machine) -> dict[str, int]:
    """Those of the host's units, which run: another number is another start."""
    found = {unit: main_process(machine, unit) for unit in units(machine)}
    assert all(found.values()), f"a unit of {machine.name} does not run: {found}"
    return found


def java_of(machine: Machine, unit: str) -> int:
    """The JVM below the launcher, in the machine's own numbers."""
    return int(machine.succeed(f"pgrep --parent {main_process(machine, unit)}").split()[0])


def kill_java(machine: Machine, unit: str) -> None:
    """Kills the server itself with -9."""
    machine.log(f"the JVM of {unit} is killed")
    machine.succeed(f"kill -9 {java_of(machine, unit)}")


def kill_launcher(machine: Machine, unit: str) -> None:
    """Kills the main process of a unit with -9, and the server with it."""
    machine.log(f"the launcher of {unit} is killed")
    machine.succeed(f"kill -9 {main_process(machine, unit)}")


def restarts(machine: Machine, unit: str) -> int:
    return int(info(machine, unit)["NRestarts"])


def failed_starts(machine: Machine, unit: str) -> list[str]:
    """How the unit's main process has ended by itself in this boot, but for what it says of a JVM that was killed."""
    ended = re.findall("Main process exited, .*", journal(machine, unit))
    return [line for line in ended if "status=137" not in line]


def journal(machine: Machine, unit: str) -> str:
    """What the unit and systemd have said of it in this boot."""
    said = machine.succeed(f"journalctl --sync; journalctl --boot=0 --unit={unit} --output=cat --no-pager")
    assert "Starting" in said, f"the journal of {machine.name} does not know of a start of {unit}: {said}"
    return said


def refused(machine: Machine, unit: str) -> str:
    """Starts a unit that must be refused for good: it ends with 78 and is not started again. What it said last."""
    machine.execute(f"systemctl start {unit}")
    wait_until(f"{unit} has failed", lambda: state(machine, unit) == "failed")
    status = info(machine, unit)["ExecMainStatus"]
    assert status == "78", f"{unit} ended with {status}"
    # longer than the pause before a restart
    time.sleep(4)
    assert state(machine, unit) == "failed" and restarts(machine, unit) == 0, f"{unit} is started again and again"
    own = f"SYSLOG_IDENTIFIER={unit.split('.')[0]}"
    said = machine.succeed(f"journalctl --sync; journalctl --boot=0 --output=cat --no-pager {own}").splitlines()
    assert said, f"{unit} has said nothing"
    return said[-1]


# What happens to hosts


def come_back(machine: Machine, unit: str, before: int) -> int:
    """Waits until a server whose launcher was the process `before` is started anew, by systemd where the machine has
    one; its launcher."""
    start = getattr(machine, "come_back", None)
    if start:
        start(unit)

    def anew() -> int:
        now = main_process(machine, unit)
        return now if now != before else 0

    return wait_until(f"{unit} on {machine.name} is started anew", anew)


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
