"""Switching the hosts of tier 4 to a system of which every unit differs, as one of another nixpkgs does."""

import json
import uuid
from collections.abc import Sequence

from .cluster import wait_until
from .machine import Host, Machine

# In place of a build.
BUILD = "--build 'echo /nix/store/nixos-system-of-{host}'"
CHANGED = "/run/current-system/specialisation/changed"
# What each refusal names, for who knows better.
OVERRIDE = "`kafnix turn take --force --reason WHY` on this host"


def system_of(machine: Machine) -> str:
    """Makes a system for a host that is the changed one beside its own, with other digests in the units of its
    servers: both restart."""
    system = f"/nix/store/nixos-system-of-{machine.name}"
    machine.succeed(f"cp -a $(readlink -f {CHANGED}) {system}")
    generation = json.loads(machine.succeed(f"cat {system}/etc/kafnix/generation.json"))
    for unit, digest in generation["services"].items():
        other = uuid.uuid4().hex * 2
        generation["services"][unit] = other
        machine.succeed(f"sed -i s/{digest}/{other}/ {system}/etc/systemd/system/{unit}")
    text = json.dumps(generation)
    machine.succeed(f"echo '{text}' > {system}/etc/kafnix/generation.json")
    return system


def of_nothing(machine: Machine, name: str) -> str:
    """Another system for a host, which restarts nothing: what `system_of` has made of it, with the units and the other
    files that it has now."""
    system = f"/nix/store/nixos-system-of-{machine.name}"
    again = f"{system}-{name}"
    copy = "cp --remove-destination -L /etc/{} {} ';'"
    machine.succeed(
        f"cp -a {system} {again}",
        f"rm -r {again}/etc/systemd/system",
        f"cp -a /etc/systemd/system {again}/etc/systemd/",
        f"cd {again}/etc && find . -path ./systemd -prune -o -type f -exec {copy}",
    )
    return again


def of_zookeeper_alone(machine: Machine) -> str:
    """Another system for a host, of which its ZooKeeper server alone restarts."""
    again = of_nothing(machine, "again")
    machine.succeed(f"sed -i '/^\\[Service\\]/a Environment=AGAIN=1' {again}/etc/systemd/system/zookeeper.service")
    return again


def switch(machine: Machine, system: str, verb: str = "switch") -> tuple[int, str]:
    """What NixOS's `switch-to-configuration` does: its status, and what it says."""
    return machine.execute(f"{system}/bin/switch-to-configuration {verb} 2>&1")


def begin_switch(machine: Machine, system: str) -> None:
    """Begins a switch that goes on by itself."""
    machine.succeed(
        "rm -f /var/tmp/switch.*",
        "systemd-run --quiet --collect --unit=switch --setenv=PATH=$PATH /bin/sh -c "
        f"'{system}/bin/switch-to-configuration switch >/var/tmp/switch.out 2>&1; echo $? >/var/tmp/switch.rc'",
    )


def ended_switch(machine: Machine) -> tuple[int, str]:
    """What a switch that was begun has ended with, and what it has said."""
    status = wait_until(
        f"the switch of {machine.name} has ended", lambda: machine.execute("cat /var/tmp/switch.rc")[1].strip()
    )
    return int(status), machine.succeed("cat /var/tmp/switch.out")


def turn(machine: Machine) -> str:
    """Which host has the turn; nothing where nobody has it."""
    status, said = machine.execute("kafnix turn show --message-format json 2>/dev/null")
    assert status in (0, 1), f"{machine.name} does not know who has the turn"
    held = json.loads(said)
    hosts = {one["turn"]["host"] for one in held}
    assert len(hosts) <= 1, f"several hosts have the turn: {held}"
    return hosts.pop() if hosts else ""


def wait_until_free(machine: Machine) -> None:
    wait_until("nobody has the turn", lambda: not turn(machine), pause=1)


class Operator:
    """Runs `kafnix rollout` on a host, and does on the others what it asks for: the command that switches a host, or
    runs another one there, leaves the name of the host in a file, and waits for the status."""

    FOLDER = "/var/tmp/rollout"

    def __init__(self, machine: Machine, hosts: Sequence[Host], systems: dict[str, str]):
        self.machine, self.hosts, self.systems = machine, {host.name: host for host in hosts}, systems
        self.asked: list[str] = []
        machine.succeed(f"mkdir -p {self.FOLDER}")
        for host in hosts:
            # What would be built for the others lies here, too.
            generation = host.succeed(f"cat {systems[host.name]}/etc/kafnix/generation.json").strip()
            machine.succeed(
                f"mkdir -p {systems[host.name]}/etc/kafnix",
                f"echo '{generation}' > {systems[host.name]}/etc/kafnix/generation.json",
            )

    def begin(self, what: str = "apply", more: str = "") -> None:
        """Begins `kafnix rollout apply` or `restart`."""
        status = f"{self.FOLDER}/{{host}}.rc"
        ask = f"rm -f {status}; echo {{host}} %s > {self.FOLDER}/asked; until [ -e {status} ]; do sleep 0.2; done"
        if what == "apply":
            how = f"{BUILD} --switch '{ask % ''}; exit $(cat {status})'"
        else:
            how = f"--exec '{ask % '{command}'}; exit $(cat {status})'"
        script = f"kafnix rollout {what} {how} {more} /etc/kafnix/cluster.json"
        self.machine.succeed(
            f"rm -f {self.FOLDER}/asked {self.FOLDER}/status",
            f"cat > {self.FOLDER}/run <<'END'\n{script}\nEND\n",
            f"systemd-run --quiet --collect --unit=rollout --setenv=PATH=$PATH /bin/sh -c "
            f"'sh {self.FOLDER}/run >{self.FOLDER}/out 2>&1; echo $? >{self.FOLDER}/status'",
        )

    def kill(self) -> None:
        """Ends it from one moment to the next."""
        self.machine.succeed("systemctl kill --signal=KILL rollout")
        wait_until("the rollout is gone", lambda: self.machine.execute("systemctl is-active rollout")[0] != 0)

    def next(self) -> tuple[str, str]:
        """The host that it asks for, and the command that is to run there; nothing once it has ended."""

        def asked() -> str:
            return self.machine.execute(f"cat {self.FOLDER}/asked {self.FOLDER}/status 2>/dev/null")[1].strip()

        name, _, command = wait_until("the rollout asks for a host, or ends", asked).partition(" ")
        return (name, command) if name in self.hosts else ("", "")

    def answer(self, name: str, status: int) -> None:
        self.asked.append(name)
        self.machine.succeed(f"rm {self.FOLDER}/asked", f"echo {status} > {self.FOLDER}/{name}.rc")

    def step(self) -> bool:
        """Does what it asks for; false once the rollout has ended."""
        name, command = self.next()
        if not name:
            return False
        host = self.hosts[name]
        if "reboot" in command:
            host.shutdown()
            host.start()
            status = 0
        else:
            status, said = host.execute(f"{command} 2>&1") if command else switch(host, self.systems[name])
            self.machine.log(said)
        self.answer(name, status)
        return True

    def finish(self, status: int = 0) -> str:
        """Does what it asks for until it ends: what it has said."""
        while self.step():
            pass
        said = self.machine.succeed(f"cat {self.FOLDER}/out")
        self.machine.log(said)
        assert self.machine.succeed(f"cat {self.FOLDER}/status").strip() == str(status), said
        return said
