"""systemd rates the sandbox of every unit 1.1 or lower."""

from helpers.cluster import units
from helpers.machine import Machine

HARMLESS = True

BOUND = 1.1


def scenario(*machines: Machine) -> None:
    for machine in machines:
        machine.start()
        for unit in units(machine):
            text = machine.succeed(f"systemd-analyze security --no-pager {unit}")
            line = next(line for line in text.splitlines() if "Overall exposure level" in line)
            score = float(line.split(":")[1].split()[0])
            machine.log(f"{unit} scores {score}")
            assert score <= BOUND, text
