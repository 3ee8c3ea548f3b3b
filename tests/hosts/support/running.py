"""Runs the scenarios of tests/scenarios on hosts of their own. Each run is in namespaces of its own, and its hosts,
disks and networks are gone with it, however it ends."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from driver import cgroups, switch, tree
from driver.machine import Machine
from driver.world import World
from jobs import Job, abandoned, at_once, side_by_side

from . import ready, scenarios

HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
NSPAWN = Path("/run/systemd/nspawn")
# Hosts that take longer hang, on a machine that does much else, too.
LIMIT = 1800
# Whether hosts stay after the end, to be looked into.
STAY = "KAFNIX_STAY" in os.environ
PREFIX = "kafnix-hosts-"


def run(name: str) -> tuple[int, int]:
    """How many have passed and failed."""
    chosen = scenarios.chosen(name)
    if chosen and (reason := ready.missing() or ready.prepare()):
        # where every change is proved, a run without them proves nothing
        must = "CI" in os.environ and reason not in (ready.NO_ROOT, ready.NO_NAMESPACES)
        for scenario in chosen:
            print(f"{'FAILED' if must else 'skipped'} {scenario.stem}: {reason}", flush=True)
        return 0, len(chosen) if must else 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sweep()
    groups = [group for group in scenarios.groups(chosen) if can_run(group)]
    huge_pages = HUGE_PAGES.read_text() if HUGE_PAGES.exists() else ""
    passed = 0
    try:
        # hosts that stay are entered by their names
        for hosts in side_by_side((partial(Hosts, group) for group in groups), 1 if STAY else at_once()):
            passed += report(hosts)
    finally:
        restore(huge_pages)
    return passed, sum(map(len, groups)) - passed


def can_run(group: list[Path]) -> bool:
    reason = ready.lacks(group[0])
    if reason:
        print(f"skipped {group[0].stem}: {reason}", flush=True)
    return not reason


def sweep(shelf: Path | None = None) -> None:
    """Takes away the files and control groups of a run that was killed: its processes are gone by themselves."""
    for folder in abandoned(PREFIX, shelf):
        cgroups.remove(folder.name)
        shutil.rmtree(folder, ignore_errors=True)


class Hosts(Job):
    """The hosts of some scenarios, which run on them one after the other."""

    def __init__(self, group: list[Path]):
        self.group = group
        own = [sys.executable, str(scenarios.TESTS / "hosts" / "run"), "--scenarios"]
        super().__init__(
            PREFIX, None if STAY else LIMIT, lambda folder: [*ready.ALONE, *own, str(folder), *map(str, group)]
        )
        if STAY:
            print(f"{group[0].stem} tells in {self.output}; its hosts stay until Ctrl-C", flush=True)

    def discard(self) -> None:
        if STAY:
            print(self.said(), flush=True)
        cgroups.remove(self.folder.name)
        super().discard()


def report(hosts: Hosts) -> int:
    """Prints what became of each scenario, and all that was said where one has failed; how many have passed."""
    told = hosts.folder / "passed"
    passed = told.read_text().splitlines() if told.exists() else []
    if len(passed) == len(hosts.group) and hosts.process.returncode != 0:
        # it is the hosts' end that has failed
        passed.pop()
    lines = [f"ok {line}" for line in passed]
    if len(passed) < len(hosts.group) or "KAFNIX_TELL" in os.environ:
        lines.insert(0, hosts.said())
    for scenario in hosts.group[len(passed) :]:
        end = "" if scenario is hosts.group[len(passed)] else ": another one has failed on its hosts"
        lines.append(f"FAILED {scenario.stem}{end}")
    print("\n".join(lines), flush=True)
    hosts.discard()
    return len(passed)


def restore(huge_pages: str) -> None:
    """A host sets it as NixOS says, and all hosts have one kernel."""
    if "[" in huge_pages and HUGE_PAGES.read_text() != huge_pages:
        HUGE_PAGES.write_text(huge_pages.split("[")[1].split("]")[0])


def as_init(work: Callable[[], int]) -> int:
    """Does the work as a child of the namespaces' first process, which takes every orphan's status."""
    child = os.fork()
    if child == 0:
        os._exit(work())
    while True:
        ended, status = os.wait()
        if ended == child:
            return os.waitstatus_to_exitcode(status)


def within(folder: Path, group: list[Path]) -> int:
    """Runs a group, in namespaces of its own already, until one fails."""
    # where the containers of a machine are known by their names, which those of another run have, too
    NSPAWN.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", NSPAWN], check=True)
    cluster = scenarios.cluster(group[0])
    document = scenarios.document(cluster)
    world = World(folder, tree.make(ready.CACHE), document, ready.CACHE, ready.launcher())
    if scenarios.switches(group[0]):
        changed = scenarios.document(f"{cluster}-changed")
        for name, machine in world.machines.items():
            switch.prepare(machine.root, document[name], changed[name])
    try:
        world.plug_all()
        for scenario in group:
            one(scenario, list(world.machines.values()), folder / "passed")
        return 0
    except BaseException:  # whatever it is, it is what the test found
        traceback.print_exc()
        world.tell()
        return 1
    finally:
        sys.stdout.flush()
        if STAY:
            signal.pause()
        world.end()
        sys.stdout.flush()


def one(scenario: Path, machines: list[Machine], passed: Path) -> None:
    spec = importlib.util.spec_from_file_location(scenario.stem, scenario)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    print(module.__doc__, flush=True)
    start = time.monotonic()
    module.scenario(*machines)
    with passed.open("a") as file:
        file.write(f"{scenario.stem} ({time.monotonic() - start:.0f} s)\n")
