"""Boots the hosts of a document and runs scenarios on them, in the namespaces that the caller has made."""

import signal
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from .. import cargo, child, documents
from ..machine import CACHE
from ..scenarios import Scenario
from . import switch, tree
from .stay import STAY
from .world import World

NSPAWN = Path("/run/systemd/nspawn")


def run(folder: Path, scenarios: Sequence[Scenario]) -> int:
    """The scenarios one after the other, on the same hosts, until one fails."""
    # where the containers of a machine are known by their names, which those of another run have, too
    NSPAWN.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", NSPAWN], check=True)
    cluster = scenarios[0].cluster
    document = documents.read(cluster)
    world = World(folder, tree.make(CACHE), document, CACHE, cargo.LAUNCHER)
    try:
        if scenarios[0].switches:
            changed = documents.read(f"{cluster}{documents.CHANGED}")
            for name, machine in world.machines.items():
                switch.prepare(machine.root, document[name], changed[name])
        world.plug_all()
        machines = world.machines.values()
        good = all(child.prove(one, folder, lambda proof: proof(*machines)) for one in scenarios)
        if not good:
            world.tell()
        return 0 if good else 1
    except BaseException:  # whatever it is, the scenarios did not pass
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        if STAY:
            signal.pause()
        world.end()
        sys.stdout.flush()
