"""What a host runs is what NixOS was evaluated to: systemd shows the text of each unit as it stands in the
document, and nothing beside it."""

import json

from helpers.cluster import units
from helpers.machine import Machine
from support.evaluated import committed

HARMLESS = True
ONLY = "hosts"


def scenario(*machines: Machine) -> None:
    document = json.loads(committed("repository").read_text())
    for machine in machines:
        machine.start()
        host = document[machine.name]
        assert set(units(machine)) <= set(host["units"]), f"the document has no {units(machine)} of {machine.name}"
        assert host["etc"] and host["users"] and host["fstab"], f"the document says nothing of {machine.name}"
        for name, unit in host["units"].items():
            shown = machine.succeed(f"systemctl cat {name}")
            assert shown.strip() == f"# /etc/systemd/system/{name}\n{unit['text']}".strip(), f"{name} differs: {shown}"
        for path, text in host["etc"].items():
            assert machine.succeed(f"cat /etc/{path}") == text, f"/etc/{path} differs"
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
