"""Runs the command of a build on the tree that hosts stand on, in namespaces that the caller has made: it finds all
that a host has at the paths of its store."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from .. import cargo
from ..machine import CACHE
from . import install, tree


def main() -> None:
    folder = Path(sys.argv[1])
    job = json.loads((folder / "job.json").read_text())
    does("mount", "--make-rprivate", "/")
    does("ip", "link", "set", "lo", "up")
    root, space = folder / "root", folder / "space"
    for made in (root, space):
        made.mkdir()
    does("mount", "-t", "tmpfs", "tmpfs", space)
    for part in ("upper", "work"):
        (space / part).mkdir()
    layers = f"lowerdir={tree.make(CACHE)},upperdir={space / 'upper'},workdir={space / 'work'}"
    does("mount", "-t", "overlay", "overlay", "-o", layers, root)
    for bind in install.store(root, job["host"], CACHE, cargo.LAUNCHER):
        origin, place = bind.split(":")
        (root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
        does("mount", "--bind", origin, root / place.lstrip("/"))
    does("mount", "-t", "proc", "proc", root / "proc")
    does("mount", "--bind", "/dev", root / "dev")
    environment = {"out": job["path"], "PATH": "/usr/sbin:/usr/bin"}
    command = [
        "chroot",
        root,
        "/bin/bash",
        "-euc",
        f"mkdir /build; cd /build; {with_own_release(job['text'], job['host'])}",
    ]
    subprocess.run(command, env=environment, check=True)
    made = Path(job["made"])
    new = made.with_name(f".{made.name}")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(root / job["path"].lstrip("/"), new)
    new.rename(made)


def with_own_release(text: str, host: dict[str, Any]) -> str:
    """With the ZooKeeper release of the host for the one that a broker needs while its archive is made, which leaves no
    trace there."""
    release = install.release(host, "zookeeper")
    return re.sub(r"--zookeeper=\S+", f"--zookeeper={release.removeprefix('zookeeper-')}=/nix/store/{release}", text)


def does(*command: str | Path) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
