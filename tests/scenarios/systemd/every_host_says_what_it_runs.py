"""Every host has told the ensemble what it is configured with and what its servers run; `kafnix` on a host needs no
argument, finds nothing wrong with the cluster, and names the hosts that have another configuration than a spec. To a
cluster that the spec does not name by its id it does nothing: it tells the id."""

import json
import re

from helpers.cluster import brokers, chroot, published, says, start_cluster, units, wait_until, zk
from helpers.load import topics
from helpers.machine import Machine

HARMLESS = True
NEWER = "/tmp/newer/cluster.json --lock /etc/kafnix/hosts/lock.json"


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
    spec = json.loads(host.succeed("cat /etc/kafnix/cluster.json"))
    spec["kafka"]["settings"]["num.partitions"] = 5
    spec["topics"]["added"] = {"partitions": 1, "replicas": 1}
    host.succeed("mkdir -p /tmp/newer", f"cat > /tmp/newer/cluster.json <<'END'\n{json.dumps(spec)}\nEND\n")
    newer = plan(host, NEWER)
    assert {one["subject"] for one in newer["open"]} == {machine.name for machine in machines}, newer
    assert all("nixos-rebuild switch --flake .#" in one["help"] for one in newer["open"]), newer
    assert [one["topic"] for one in newer["steps"]] == ["added"], newer
    tells_the_id(host)


def tells_the_id(host: Machine) -> None:
    """It writes nothing, whatever it is asked for."""
    told = "".join(zk(host, f"get {chroot(host)}/cluster/id"))
    found = re.search(r'"id":"([^"]+)"', told)
    assert found, told
    before = topics(host, "--list").split()
    for asked in ("", NEWER, f"--delete added {NEWER}", f"--delete {before[0]}"):
        status, said = host.execute(f"kafnix apply {asked} 2>&1")
        assert status == 1 and f'"clusterId": "{found[1]}"' in said, (asked, status, said)
    assert topics(host, "--list").split() == before, "topics have changed"


def plan(machine: Machine, arguments: str = "") -> dict[str, list[dict[str, str]]]:
    return dict(json.loads(machine.execute(f"kafnix plan {arguments} --message-format json")[1]))
