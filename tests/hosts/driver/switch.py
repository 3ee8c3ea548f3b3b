"""Lets a running host be switched to a changed configuration by NixOS's own script, which is not of this project:
it is taken from the trees of the stand-in for nixpkgs."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from .install import link, write

TREES = Path(os.environ.get("NIXPKGS_TREES", Path.home() / ".cache" / "nixpkgs-trees"))
SCRIPT = TREES / "nixos/nixos/modules/system/activation/switch-to-configuration.pl"
SYSTEM, CHANGED = "/nix/store/nixos-system", "/nix/store/nixos-system-changed"
# Debian's programs, where the script looks for NixOS's. No host has a user session to be told.
PLACES = {
    "out": CHANGED,
    "toplevel": CHANGED,
    "coreutils": "/usr",
    "distroId": "debian",
    "installBootLoader": "/bin/true",
    "localeArchive": "",
    "perl": "/usr",
    "shell": "/bin/sh",
    "su": "/bin/su",
    "systemd": "/nix/store/nixos-systemd",
    "utillinux": "/usr",
}


def missing() -> str:
    """Why no host can be switched."""
    return "" if SCRIPT.exists() else "NixOS's switch script is not here; it runs in a virtual machine only"


def install(root: Path, host: dict[str, Any], changed: dict[str, Any]) -> None:
    """Beside what the host runs, in `root`, puts what it can be switched to."""
    changed = apart(host, changed)
    # NixOS has it, and every host of it has some target of its own that is active
    target = "etc/systemd/system/sysinit-reactivation.target"
    write(root / target, "[Unit]\nDescription=Nothing to reactivate\n")
    link(root / "etc/systemd/system/multi-user.target.wants" / Path(target).name, f"/{target}")
    for path, text in changed["store"].items():
        if not (root / path.lstrip("/")).exists():
            write(root / path.lstrip("/"), text, 0o555)
    new = root / CHANGED.lstrip("/")
    shutil.copytree(root / "etc", new / "etc", symlinks=True)
    for name, unit in changed["units"].items():
        write(new / "etc/systemd/system" / name, unit["text"])
    for name, text in changed["etc"].items():
        write(new / "etc" / name, text)
    script = SCRIPT.read_text()
    for name, place in PLACES.items():
        script = script.replace(f"@{name}@", place)
    write(new / "bin/switch-to-configuration", script, 0o555)
    names = ["systemd/system", *changed["etc"]]
    lines = [f"cp -a --remove-destination -T $1/etc/{name} /etc/{name}" for name in names]
    write(new / "activate", "\n".join(["#!/bin/sh", "set -e", *lines, ""]), 0o555)
    # the same file, or systemd would be started anew
    link(new / "etc/systemd/system.conf", "/etc/systemd/system.conf")
    for system in (SYSTEM, CHANGED):
        write(root / system.lstrip("/") / "init-interface-version", "1")
        link(root / system.lstrip("/") / "sw/bin", "/usr/bin")
    link(root / SYSTEM.lstrip("/") / "specialisation/changed", CHANGED)
    link(root / PLACES["systemd"].lstrip("/") / "lib", "/usr/lib")
    link(root / PLACES["systemd"].lstrip("/") / "bin/systemctl", "/usr/bin/systemctl")
    link(root / PLACES["systemd"].lstrip("/") / "bin/loginctl", "/usr/bin/true")
    write(root / "etc/tmpfiles.d/01-nixos-system.conf", f"L+ /run/current-system - - - - {SYSTEM}\n")


def apart(host: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    """The changed host with a store path of its own for each text that differs. In the store their hashes are
    different, which a document leaves out."""
    text = json.dumps(changed)
    for path, content in changed["store"].items():
        if host["store"].get(path) != content:
            text = re.sub(rf"{re.escape(path)}(?![\w.+-])", f"{path}-changed", text)
    return dict(json.loads(text))
