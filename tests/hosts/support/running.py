"""Runs the scenarios of tests/scenarios on hosts of their own. Each run is in namespaces of its own, and its hosts,
disks and networks are gone with it, however it ends."""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from driver import cgroups, switch, tree
from driver.machine import Machine
from driver.world import World

from . import ready, scenarios

HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
# What takes longer hangs.
LIMIT = 420
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
    passed = failed = 0
    for group in scenarios.groups(chosen):
        if reason := ready.lacks(group[0]):
            print(f"skipped {group[0].stem}: {reason}", flush=True)
            continue
        good = run_group(group)
        passed, failed = passed + good, failed + len(group) - good
    return passed, failed


def sweep(shelf: Path | None = None) -> None:
    """Takes away the files and control groups of a run that was killed: its processes are gone by themselves."""
    for folder in (shelf or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        owner = folder / "owner"
        if owner.exists() and not Path(f"/proc/{owner.read_text()}").exists():
            cgroups.remove(folder.name)
            shutil.rmtree(folder, ignore_errors=True)


def run_group(group: list[Path]) -> int:
    """Runs some on the same hosts; how many have passed."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / "owner").write_text(str(os.getpid()))
    if STAY:
        print(f"{group[0].stem} tells in {folder}/output; its hosts stay until Ctrl-C", flush=True)
    huge_pages = HUGE_PAGES.read_text() if HUGE_PAGES.exists() else ""
    run_file = str(scenarios.TESTS / "hosts" / "run")
    command = [*ready.ALONE, sys.executable, run_file, "--scenarios", str(folder), *map(str, group)]
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=dies_with_its_parent
        )
        try:
            process.wait(None if STAY else LIMIT)
        except subprocess.TimeoutExpired:
            output.write(f"still running after {LIMIT} s\n")
        finally:
            process.kill()
            process.wait()
            cgroups.remove(folder.name)
            restore(huge_pages)
            good = report(group, folder)
            shutil.rmtree(folder, ignore_errors=True)
    return good


def report(group: list[Path], folder: Path) -> int:
    """Prints what became of each, and all that was said where one has failed."""
    passed = (folder / "passed").read_text().splitlines() if (folder / "passed").exists() else []
    if len(passed) < len(group) or "KAFNIX_TELL" in os.environ:
        print((folder / "output").read_text())
    for line in passed:
        print(f"ok {line}", flush=True)
    for scenario in group[len(passed) :]:
        end = "" if scenario is group[len(passed)] else ": another one has failed on its hosts"
        print(f"FAILED {scenario.stem}{end}", flush=True)
    return len(passed)


def dies_with_its_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


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
    cluster = scenarios.cluster(group[0])
    document = scenarios.document(cluster)
    world = World(folder, tree.make(ready.CACHE), document, ready.CACHE, ready.launcher())
    if scenarios.switches(group[0]):
        changed = scenarios.document(f"{cluster}-changed")
        for name, machine in world.machines.items():
            switch.install(machine.root, document[name], changed[name])
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
