"""systemd rates the sandbox of every unit 1.1 or lower."""

import re

from helpers.cluster import units
from helpers.machine import Machine

HARMLESS = True

BOUND = 1.1


def scenario(*machines: Machine) -> None:
    for machine in machines:
        machine.start()
        for unit in units(machine):
            machine.wait_for_unit(unit)
            text = machine.succeed(f"systemd-analyze security --no-pager {unit}")
            scored = re.search(rf"Overall exposure level for {re.escape(unit)}: ([\d.]+) ", text)
            assert scored, f"systemd rates no {unit}: {text}"
            score = float(scored[1])
            machine.log(f"{unit} scores {score}")
            assert score <= BOUND, text
