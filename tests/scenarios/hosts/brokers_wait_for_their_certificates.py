"""Hosts that have no certificates yet boot, and their brokers wait and say for what. Once the files are there the
cluster comes up by TLS alone, by itself and with one start of each broker; `kafnix` on a host needs no argument to ask
it, a certificate of another authority gets nowhere, and no private key is anywhere but in the host's own files."""

import subprocess
import tempfile
from pathlib import Path

from harness import cargo
from harness.machine import TESTS
from helpers.cluster import start_all, state, wait_for_brokers, wait_for_quorum, wait_until, wait_until_it_says
from helpers.machine import Machine

CLUSTER = "secure"
KAFKA = "kafka.service"
STORES = "/run/kafnix-tls/kafka"


def scenario(*machines: Machine) -> None:
    start_all(machines)
    wait_for_quorum(machines)
    for machine in machines:
        wait_until_it_says(machine, KAFKA, f"waiting for the TLS file {STORES}/keystore.pem: No such file")
        assert state(machine, KAFKA) == "activating", state(machine, KAFKA)

    with tempfile.TemporaryDirectory() as folder:
        issued, strange = Path(folder, "issued"), Path(folder, "strange")
        for authority in (issued, strange):
            pki("init", authority)
            pki("issue", authority)
        for machine in machines:
            machine.copy_from_host(f"{strange / machine.name}.pem", "/var/lib/strange.pem")
            machine.copy_from_host(f"{issued}/ca.pem", "/var/lib/tls/ca.pem")
            machine.copy_from_host(f"{issued / machine.name}.pem", f"/var/lib/tls/{machine.name}.pem")
            machine.succeed("chmod 0700 /var/lib/tls")
    wait_for_brokers(machines)
    first = machines[0]
    for machine in machines:
        assert machine.succeed(f"systemctl show --property=NRestarts --value {KAFKA}").strip() == "0"
        machine.succeed(f"[ $(stat -c %U:%G:%a {STORES}/keystore.pem) = root:kafka:440 ]")
    wait_until_it_says(first, "kafnix-topics.service", "all declared topics are there")
    # The broker that is asked may hear of the topic a moment after the controller.
    wait_until("nothing is left to do", lambda: first.execute("kafnix plan")[0] == 0, pause=1)
    first.succeed("kafnix verify")
    # as root, who reads the key of the host
    assert first.succeed("kafka-topics.sh --list").split() == ["orders"]
    first.fail("setpriv --reuid=65534 --regid=65534 --clear-groups kafka-topics.sh --list")

    asked = "kafnix verify --key-store /var/lib/strange.pem --trust-store /var/lib/tls/ca.pem"
    status, said = first.execute(f"{asked} 2>&1")
    assert status == 1 and "refuses the client certificate" in said, said
    for machine in machines:
        holds_no_key(machine)


def pki(command: str, folder: Path) -> None:
    spec = TESTS / "specs/secure/cluster.json"
    words = [cargo.KAFNIX, "pki", command, "--spec", spec, "--dir", folder]
    subprocess.run(words, check=True, capture_output=True)


def holds_no_key(machine: Machine) -> None:
    """No line of the private key stands where others read."""
    machine.succeed(f"sed -n 2,3p {STORES}/keystore.pem >/var/lib/lines", "[ $(wc -l </var/lib/lines) = 2 ]")
    files = "/etc /nix/store /run/kafka /run/systemd /var/log /tmp"
    for place in (files, "/proc/[0-9]*/environ", "/proc/[0-9]*/cmdline"):
        search = "grep --recursive --files-with-matches --no-messages --fixed-strings --file=/var/lib/lines"
        status, found = machine.execute(f"{search} {place}")
        assert status != 0 and not found, f"{machine.name}: {found}"
    found = machine.execute("journalctl --output=export --no-pager | grep --fixed-strings --file=/var/lib/lines")[1]
    assert not found, f"{machine.name}: {found}"
