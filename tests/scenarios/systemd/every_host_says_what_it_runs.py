"""Every host has told the ensemble what it is configured with and what its servers run; `kafnix` on a host needs no
argument, finds nothing wrong with the cluster, and names the hosts that have another configuration than a spec."""

import json

from helpers.cluster import brokers, published, says, start_cluster, units, wait_until
from helpers.machine import Machine

HARMLESS = True


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    for machine in machines:
        configured = json.loads(machine.succeed("cat /etc/kafnix/generation.json"))
        assert sorted(configured["services"]) == sorted(units(machine)), configured
        running = published(machine, f"{machine.name}/running")
        # The path of the system, where the host knows one.
        system = machine.execute("readlink -e /run/current-system")[1].strip() or None
        of = {unit.removesuffix(".service") for unit in configured["services"]}
        assert set(configured["versions"]) == {*of, "jdk"}, configured
        runs = {"wanted": configured["services"], "services": configured["services"], "system": system}
        runs["versions"] = configured["versions"]
        assert running == runs, running
        generation = published(machine, machine.name)
        assert generation["generated"] == configured["generated"], generation
        told = says(machine, "kafnix-generation.service")
        assert all(f"{unit} runs as configured" in told for unit in units(machine)), told

    host = brokers(machines)[-1]
    wait_until("nothing is left to do", lambda: host.execute("kafnix plan")[0] == 0, pause=1)
    host.succeed("kafnix verify", "kafnix check", "kafnix show hosts")
    host.succeed(
        "mkdir -p /tmp/newer",
        'sed \'s/"num.partitions": 3/"num.partitions": 5/\' /etc/kafnix/cluster.json > /tmp/newer/cluster.json',
    )
    newer = plan(host, "/tmp/newer/cluster.json --lock /etc/kafnix/hosts/lock.json")
    assert {one["subject"] for one in newer["open"]} == {machine.name for machine in machines}, newer
    assert all("nixos-rebuild switch --flake .#" in one["help"] for one in newer["open"]), newer


def plan(machine: Machine, arguments: str = "") -> dict[str, list[dict[str, str]]]:
    return dict(json.loads(machine.execute(f"kafnix plan {arguments} --message-format json")[1]))
