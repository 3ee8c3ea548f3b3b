"""What this machine has for the tests. On Debian, as root, what is missing is installed."""

import os
import shutil
import threading
from functools import cache
from pathlib import Path

from .processes import alone, run
from .results import Skipped

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
# What is made once per machine.
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kafnix-tests"
# tool → Debian's package
PACKAGES = {
    "cargo": "cargo",
    "ip": "iproute2",
    "java": "default-jdk-headless",
    "javac": "default-jdk-headless",
    "losetup": "mount",
    "mkfs.xfs": "xfsprogs",
    "mmdebstrap": "mmdebstrap",
    "mvn": "maven",
    "nft": "nftables",
    "nix": "nix-bin",
    "nsenter": "util-linux",
    "patchelf": "patchelf",
    "pyvenv": "python3-venv",
    "systemd-nspawn": "systemd-container",
    "unshare": "util-linux",
}
NO_NAMESPACES = "there can be no namespaces here"
# Packages are installed by one process at a time.
INSTALLING = threading.Lock()


def require(*tools: str) -> None:
    for tool in tools:
        if not has(tool):
            raise Skipped(f"there is no {tool}")


@cache
def has(tool: str) -> bool:
    """Whether the tool is there, or could be installed."""
    with INSTALLING:
        if shutil.which(tool):
            return True
        if not Path("/etc/debian_version").exists() or os.geteuid() != 0 or tool not in PACKAGES:
            return False
        install = ["apt-get", "install", "-qq", "-y", PACKAGES[tool]]
        # The lists of a fresh machine are empty, and those of an old one name packages that are gone.
        if run(install)[0] != 0:
            run(["apt-get", "update", "-qq"])
            run(install)
        return bool(shutil.which(tool))


def require_namespaces() -> None:
    require("unshare", "ip")
    if run([*alone(), "true"])[0] != 0:
        raise Skipped(NO_NAMESPACES)


def require_venv() -> None:
    """Debian's Python makes a virtual environment only with a package of its own."""
    if run(["python3", "-m", "ensurepip", "--version"])[0] != 0:
        require("pyvenv")


def proves_every_change() -> bool:
    """Where that is so, tests that could run and do not prove nothing."""
    return bool(os.environ.get("CI"))
