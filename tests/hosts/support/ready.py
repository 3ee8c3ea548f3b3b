"""What a machine needs to boot hosts, and what is made once on it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from driver import tree

from . import scenarios
from .scenarios import TESTS

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kafnix-tests"
SKIPPED = 77
# What a machine cannot be helped with; whatever else is missing can be installed.
NO_ROOT = "hosts boot as root only"
NO_NAMESPACES = "there can be no namespaces here"
ALONE = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


def launcher() -> Path:
    default = TESTS.parent / "target" / "debug" / "kafnix-launch"
    return Path(os.environ.get("KAFNIX_LAUNCH", default)).resolve()


def missing() -> str:
    """Why no host can boot here."""
    if os.geteuid() != 0:
        return NO_ROOT
    tools = ("systemd-nspawn", "mmdebstrap", "mkfs.xfs", "losetup", "nsenter", "unshare", "ip", "nft", "mvn", "javac")
    for tool in tools:
        if not shutil.which(tool):
            return f"there is no {tool}"
    if not launcher().exists():
        return "KAFNIX_LAUNCH names no launcher"
    if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode != 0:
        return NO_NAMESPACES
    return ""


def prepare() -> str:
    """The releases, the tree and what builds run, once per machine; why they cannot be had."""
    CACHE.mkdir(parents=True, exist_ok=True)
    made = subprocess.run([TESTS / "products", CACHE / "products"], stdout=subprocess.DEVNULL, check=False)
    if made.returncode == SKIPPED:
        return "Maven does not reach the releases"
    made.check_returncode()
    compile_config_check(CACHE / "config-check")
    try:
        tree.make(CACHE)
    except subprocess.CalledProcessError:
        return "mmdebstrap does not reach Debian"
    return ""


def compile_config_check(folder: Path) -> None:
    """The hosts of another run may be reading it, so that each class is replaced as a whole."""
    folder.mkdir(exist_ok=True)
    source = TESTS.parent / "nixos-modules/packages/config-check/ConfigCheck.java"
    with tempfile.TemporaryDirectory(dir=CACHE) as new:
        subprocess.run(["javac", "--release", "8", "-Xlint:-options", "-d", new, source], check=True)
        for made in Path(new).glob("*.class"):
            made.replace(folder / made.name)


def old_java() -> str:
    """Lays out Java 8 as hosts take it; why it cannot be had."""
    made = subprocess.run([TESTS / "servers" / "jdk-8", CACHE], capture_output=True, text=True, check=False)
    if made.returncode == 0:
        made = subprocess.run([TESTS / "hosts" / "java-8", CACHE], capture_output=True, text=True, check=False)
    said = made.stderr.strip().splitlines() or ["no reason"]
    return f"there is no Java 8 here: {said[-1]}" if made.returncode else ""


def lacks(scenario: Path) -> str:
    """Why this one scenario cannot run here."""
    hosts = scenarios.document(scenarios.cluster(scenario)).values()
    return old_java() if any(host["jdk"] == "8" for host in hosts) else ""
