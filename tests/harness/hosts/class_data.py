"""The class-data archives of the hosts. The build of a host makes them; the command of that build makes them here, on
the tree that hosts stand on and at the paths that their units name, once for each."""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import cargo, documents, products
from ..machine import CACHE, ROOT, TESTS
from ..processes import alone, folder_of, run
from ..results import Result
from ..schedule import GIB, Work
from . import ready, tree

PREFIX = "kafnix-class-data-"
# What an archive depends on beside the command, the release and the JVM of the tree.
SOURCES = ["launcher/src/class_data.rs", "launcher/src/jvm.rs", "launcher/jvm/servers.json"]
# Of how many the cache keeps the newest.
KEPT = 8


def place(cache: Path, command: str) -> Path:
    """Where the archive of a command is kept."""
    made_of = hashlib.sha256(f"{command}{tree.NAME}".encode())
    for source in SOURCES:
        made_of.update((ROOT / source).read_bytes())
    return cache / "class-data" / made_of.hexdigest()[:16]


def wanted() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path and command of each archive, and a host that has it."""
    for document in documents.names():
        for host in documents.read(document).values():
            for path, text in host["store"].items():
                if path.endswith(documents.CLASS_DATA):
                    yield path, text, host


def prepare() -> Iterator[Result]:
    folder = CACHE / "class-data"
    folder.mkdir(exist_ok=True)
    # two runs may begin at once
    with (CACHE / ".class-data.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for path, text, host in wanted():
            if not (made := place(CACHE, text)).exists():
                make(path, text, host, made)
            os.utime(made)
        for old in sorted(folder.iterdir(), key=lambda made: made.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old)
    yield from ()


def make(path: str, text: str, host: dict[str, Any], made: Path) -> None:
    folder = folder_of(PREFIX)
    try:
        # of the host, what the command needs: the JVM, the launcher and the releases
        bare = {**host, "store": {}, "checks": {}}
        (folder / "job.json").write_text(json.dumps({"path": path, "text": text, "host": bare, "made": str(made)}))
        command = [*alone("--mount"), sys.executable, "-B", "-m", "harness.hosts.build", folder]
        status, said = run(command, environment={"PYTHONPATH": str(TESTS)})
        assert status == 0 and (made / "classes.jsa").exists(), f"{path} is not made:\n{said}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


MADE = Work(
    "",
    "the class-data archives of hosts are made",
    prepare,
    [ready.PREPARED, cargo.LAUNCHER_BUILT, products.READY],
    memory=2 * GIB,
)
