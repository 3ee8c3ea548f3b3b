"""Puts a changed configuration beside the one that a host runs, so that it can be switched to as a host of NixOS can.
NixOS's own program for that is not here: `switch-to-configuration` in this folder does the same to its units."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from . import install
from .install import link, write

SWITCHER = Path(__file__).parent / "switch-to-configuration"
SYSTEM, CHANGED = "/nix/store/nixos-system", "/nix/store/nixos-system-changed"


def prepare(root: Path, host: dict[str, Any], changed: dict[str, Any]) -> None:
    """Beside what the host runs, in `root`, puts what it can be switched to."""
    changed = apart(host, changed)
    for path, text in changed["store"].items():
        if path not in host["store"]:
            write(root / install.file_of(path), text, 0o555)
    new = root / CHANGED.lstrip("/")
    shutil.copytree(root / "etc/systemd/system", new / "etc/systemd/system", symlinks=True)
    install.units(new / "etc/systemd/system", changed)
    for name, text in changed["etc"].items():
        write(new / "etc" / name, install.etc(name, text))
    names = ["systemd/system", *changed["etc"]]
    write(new / "etc/fstab", "".join(f"{line}\n" for line in changed["fstab"]))
    lines = [f"cp -a --remove-destination -T $1/etc/{name} /etc/{name}" for name in names]
    lines.append("ln -sfn $1 /run/current-system")
    write(new / "activate", "\n".join(["#!/bin/sh", "set -e", *lines, ""]), 0o555)
    write(new / "pre-switch-checks", f"#!/bin/bash\nset -eu\n{changed['guard']}", 0o555)
    write(new / "bin/switch-to-configuration", SWITCHER.read_text(), 0o555)
    link(root / SYSTEM.lstrip("/") / "specialisation/changed", CHANGED)
    write(root / "etc/tmpfiles.d/01-nixos-system.conf", f"L+ /run/current-system - - - - {SYSTEM}\n")


def apart(host: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    """The changed host with a store path of its own for each text that differs, or that names such a one. In the store
    their hashes are different, which a document leaves out."""
    for path in list(changed["store"]):
        if path in host["store"] and changed["store"][path] != host["store"][path]:
            renamed = re.sub(rf"{re.escape(path)}(?![\w.+-])", f"{path}-changed", json.dumps(changed))
            return apart(host, dict(json.loads(renamed)))
    return changed
