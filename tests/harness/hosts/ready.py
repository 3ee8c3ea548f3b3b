"""What a machine needs to boot hosts, and what is made once on it."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .. import documents
from ..machine import CACHE, ROOT, require, require_namespaces
from ..processes import run
from ..results import Result, Skipped
from ..scenarios import Scenario
from ..schedule import Work
from . import tree

NO_ROOT = "hosts boot as root only"
TOOLS = ["systemd-nspawn", "mmdebstrap", "mkfs.xfs", "losetup", "nsenter", "nft", "mvn", "javac"]


def prepare() -> Iterator[Result]:
    if os.geteuid() != 0:
        raise Skipped(NO_ROOT)
    require_namespaces()
    require(*TOOLS)
    CACHE.mkdir(parents=True, exist_ok=True)
    compile_config_check(CACHE / "config-check")
    try:
        tree.make(CACHE)
    except subprocess.CalledProcessError:
        raise Skipped("mmdebstrap does not reach Debian") from None
    yield from ()


def compile_config_check(folder: Path) -> None:
    """The hosts of another run may be reading it, so that each class is replaced as a whole."""
    folder.mkdir(exist_ok=True)
    source = ROOT / "nixos-modules/packages/config-check/ConfigCheck.java"
    with tempfile.TemporaryDirectory(dir=CACHE) as new:
        status, said = run(["javac", "--release", "8", "-Xlint:-options", "-d", new, source])
        assert status == 0, said
        for made in Path(new).glob("*.class"):
            made.replace(folder / made.name)


def needs_old_java(scenario: Scenario) -> bool:
    return any(host["jdk"] == "8" for host in documents.read(scenario.cluster).values())


PREPARED = Work("", "what hosts boot from is made", prepare)
