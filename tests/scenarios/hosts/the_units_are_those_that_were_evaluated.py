"""What a host runs is what NixOS was evaluated to: systemd shows the text of each unit as it stands in the
document, and nothing beside it, its JVMs map the class-data archives, and no unit of the host has failed."""

import json
from functools import partial

from harness.documents import committed
from harness.hosts import install
from helpers.cluster import units, wait_until
from helpers.machine import Machine

HARMLESS = True


def scenario(*machines: Machine) -> None:
    document = json.loads(committed("repository").read_text())
    for machine in machines:
        machine.start()
        host = document[machine.name]
        assert set(units(machine)) <= set(host["units"]), f"the document has no {units(machine)} of {machine.name}"
        assert host["etc"] and host["users"] and host["fstab"], f"the document says nothing of {machine.name}"
        for name, unit in host["units"].items():
            shown = machine.succeed(f"systemctl cat {name}")
            file, rest = install.place(name), "" if name in install.OVERRIDDEN else shown
            own = f"# /etc/systemd/system/{file}\n{unit['text']}".strip()
            assert shown.strip().endswith(own) and rest.strip() in ("", own), f"{name} differs: {shown}"
        for path, text in host["etc"].items():
            assert machine.succeed(f"cat /etc/{path}") == install.etc(path, text), f"/etc/{path} differs"
        for name in ("nftables.service", "systemd-sysctl.service", f"network-addresses-{host['card']}.service"):
            machine.wait_for_unit(name)
        assert (failed := machine.succeed("systemctl --failed --plain --no-legend")) == "", failed
        for name, user in host["users"].items():
            assert machine.succeed(f"id -u {name}; id -g {name}").split() == [
                str(user["uid"]),
                str(host["groups"][user["group"]]),
            ]
        for line in host["fstab"]:
            _, place, kind, *_ = line.split()
            machine.wait_for_unit(place.strip("/").replace("/", "-") + ".mount")
            label = machine.succeed(f"findmnt --noheadings --output FSTYPE {place}").strip()
            assert label == kind, f"{place} is {label}"
    # a broker's starts when the others are there
    for machine in machines:
        for unit in units(machine):
            # the launcher's child
            jvm = f"$(pgrep --parent $(systemctl show --property=MainPID --value {unit}))"
            maps = f"grep --quiet /nix/store/.*-class-data/classes.jsa /proc/{jvm}/maps"
            wait_until(f"{unit} of {machine.name} maps its archive", partial(succeeds, machine, maps))


def succeeds(machine: Machine, command: str) -> bool:
    return machine.execute(command)[0] == 0
