"""Runs the scenarios of tests/scenarios on hosts of their own. Each is in namespaces of its own, and its hosts,
disks and networks are gone with it, however it ends."""

import ast
import ctypes
import importlib.util
import json
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
from typing import Any

from driver import cgroups, switch, tree
from driver.world import World

from . import evaluated

TESTS = Path(__file__).resolve().parents[2]
SCENARIOS = TESTS / "scenarios"
# The tests of the driver itself, on hosts that have no server.
OWN = TESTS / "hosts" / "self"
BARE = {
    name: {
        "hostName": name,
        "jdk": "17",
        "addresses": [f"10.0.0.{number}"],
        "fstab": ["/dev/disk/by-label/data /data xfs defaults,nofail"],
        **{part: {} for part in ("etc", "units", "users", "groups", "sysctl", "store", "tools")},
        "tmpfiles": [],
        "ruleset": "",
    }
    for number, name in enumerate(("one", "other"), 1)
}
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kafnix-tests"
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
# A scenario that takes longer hangs.
LIMIT = 420
# Whether its hosts stay after its end, to be looked into.
STAY = "KAFNIX_STAY" in os.environ
SKIPPED = 77
PREFIX = "kafnix-hosts-"
# What a machine cannot be helped with; whatever else is missing can be installed.
NO_ROOT = "hosts boot as root only"
NO_NAMESPACES = "there can be no namespaces here"
ALONE = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


def launcher() -> Path:
    default = TESTS.parent / "target" / "debug" / "kafnix-launch"
    return Path(os.environ.get("KAFNIX_LAUNCH", default)).resolve()


def constant(scenario: Path, name: str, default: str) -> str:
    """What a scenario says of itself, without running it."""
    for node in ast.parse(scenario.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return str(ast.literal_eval(node.value))
    return default


def cluster(scenario: Path) -> str:
    """Whose hosts it runs on: those of the repository, or of one of tests/specs."""
    return constant(scenario, "CLUSTER", "repository")


def switches(scenario: Path) -> bool:
    """Whether its hosts can be switched to a changed configuration while they run."""
    return constant(scenario, "SWITCHES", "") == "True"


def documents() -> list[str]:
    """What its hosts are made of, of every scenario."""
    names = {cluster(scenario) for scenario in chosen("")} - {"bare"}
    return sorted(names | {f"{cluster(scenario)}-changed" for scenario in chosen("") if switches(scenario)})


def chosen(name: str) -> list[Path]:
    """Those of this name, but for what virtual machines alone can show."""
    scenarios = [path for folder in (OWN, SCENARIOS) for path in sorted(folder.glob("*.py")) if name in path.stem]
    return [path for path in scenarios if constant(path, "ONLY", "") != "vms"]


def missing() -> str:
    """Why no host can boot here."""
    if os.geteuid() != 0:
        return NO_ROOT
    for tool in ("systemd-nspawn", "mmdebstrap", "mkfs.xfs", "losetup", "nsenter", "unshare", "ip", "mvn"):
        if not shutil.which(tool):
            return f"there is no {tool}"
    if not launcher().exists():
        return "KAFNIX_LAUNCH names no launcher"
    if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode != 0:
        return NO_NAMESPACES
    return ""


def document(name: str) -> dict[str, Any]:
    return BARE if name == "bare" else dict(json.loads(evaluated.committed(name).read_text()))


def prepare() -> str:
    """The releases and the tree, once per machine; why they cannot be had."""
    CACHE.mkdir(parents=True, exist_ok=True)
    made = subprocess.run([TESTS / "products", CACHE / "products"], stdout=subprocess.DEVNULL, check=False)
    if made.returncode == SKIPPED:
        return "Maven does not reach the releases"
    made.check_returncode()
    try:
        tree.make(CACHE)
    except subprocess.CalledProcessError:
        return "mmdebstrap does not reach Debian"
    return ""


def old_java() -> str:
    """Lays out Java 8 as hosts take it; why it cannot be had."""
    made = subprocess.run([TESTS / "servers" / "jdk-8", CACHE], capture_output=True, text=True, check=False)
    if made.returncode == 0:
        made = subprocess.run([TESTS / "hosts" / "java-8", CACHE], capture_output=True, text=True, check=False)
    said = made.stderr.strip().splitlines() or ["no reason"]
    return f"there is no Java 8 here: {said[-1]}" if made.returncode else ""


def run(name: str) -> tuple[int, int]:
    """How many have passed and failed."""
    scenarios = chosen(name)
    if scenarios and (reason := missing() or prepare()):
        # where every change is proved, a run without them proves nothing
        must = "CI" in os.environ and reason not in (NO_ROOT, NO_NAMESPACES)
        for scenario in scenarios:
            print(f"{'FAILED' if must else 'skipped'} {scenario.stem}: {reason}", flush=True)
        return 0, len(scenarios) if must else 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sweep()
    passed = failed = 0
    for scenario in scenarios:
        old = any(host["jdk"] == "8" for host in document(cluster(scenario)).values())
        reason = switch.missing() if switches(scenario) else old_java() if old else ""
        if reason:
            print(f"skipped {scenario.stem}: {reason}", flush=True)
        elif run_one(scenario):
            passed += 1
        else:
            failed += 1
    return passed, failed


def sweep(shelf: Path | None = None) -> None:
    """Takes away the files and control groups of a run that was killed: its processes are gone by themselves."""
    for folder in (shelf or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        owner = folder / "owner"
        if owner.exists() and not Path(f"/proc/{owner.read_text()}").exists():
            cgroups.remove(folder.name)
            shutil.rmtree(folder, ignore_errors=True)


def run_one(scenario: Path) -> bool:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / "owner").write_text(str(os.getpid()))
    if STAY:
        print(f"{scenario.stem} tells in {folder}/output; its hosts stay until Ctrl-C", flush=True)
    start = time.monotonic()
    huge_pages = HUGE_PAGES.read_text() if HUGE_PAGES.exists() else ""
    command = [*ALONE, sys.executable, str(TESTS / "hosts" / "run"), "--scenario", str(scenario), str(folder)]
    status = 1
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=dies_with_its_parent
        )
        try:
            status = process.wait(None if STAY else LIMIT)
        except subprocess.TimeoutExpired:
            output.write(f"still running after {LIMIT} s\n")
        finally:
            process.kill()
            process.wait()
            cgroups.remove(folder.name)
            restore(huge_pages)
            seconds = time.monotonic() - start
            if status == 0:
                if "KAFNIX_TELL" in os.environ:
                    print((folder / "output").read_text())
                print(f"ok {scenario.stem} ({seconds:.0f} s)", flush=True)
            else:
                print((folder / "output").read_text())
                print(f"FAILED {scenario.stem} ({seconds:.0f} s)", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
    return status == 0


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


def one(scenario: Path, folder: Path) -> int:
    """Runs one, in namespaces of its own already."""
    spec = importlib.util.spec_from_file_location(scenario.stem, scenario)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    print(module.__doc__, flush=True)
    world = World(folder, tree.make(CACHE), document(cluster(scenario)), CACHE, launcher())
    if switches(scenario):
        changed = document(f"{cluster(scenario)}-changed")
        for name, machine in world.machines.items():
            switch.install(machine.root, document(cluster(scenario))[name], changed[name])
    try:
        world.plug_all()
        module.scenario(*world.machines.values())
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
