"""Puts what the document says of a host into its root, as NixOS would. What Debian brings in place of
NixOS's own packages is linked to from their paths; nothing else of the document is changed."""

import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

from .. import cargo, runtimes, tools
from ..documents import CLASS_DATA
from . import class_data

# NixOS's package → where a Debian tree has the same programs
SYSTEM = dict.fromkeys(
    ["bash", "coreutils", "findutils", "gnugrep", "gnused", "iproute2", "systemd", "util-linux"], "/usr/bin"
) | {"nftables": "/usr/sbin"}
# The units of systemd itself, of which NixOS says a part.
OVERRIDDEN = ["systemd-sysctl.service"]
# The kernel is that of all hosts and of the machine that runs them: what a host may set of it is its network.
KERNEL = "net."
# Not on Debian: its own loader, and a file that nobody can take away.
NOT_HERE = ("/lib", "/lib64", "/var/empty")
JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"
# Where a host has Java 8, which its Debian does not: whole, with the C library that it was made for.
JAVA_8 = "/nix/store/java-8-tree"
PATH = [f"/nix/store/{package}/bin" for package in ("kafka-tools", "zkCli.sh", "kafnix")] + ["/usr/sbin", "/usr/bin"]


def install(root: Path, host: dict[str, Any], cache: Path, launcher: Path) -> list[str]:
    """Returns what is to be bound into the host: `from:to` in its root."""
    for name, text in host["etc"].items():
        write(root / "etc" / name, etc(name, text))
    write(root / "etc/hostname", host["hostName"] + "\n")
    write(root / "etc/machine-id", uuid.uuid4().hex + "\n")
    write(root / "etc/fstab", "".join(f"{line}\n" for line in host["fstab"]))
    write(root / "etc/udev/rules.d/99-local.rules", host["udev"])
    lines = [line for line in host["tmpfiles"] if not line.split()[1].startswith(NOT_HERE)]
    write(root / "etc/tmpfiles.d/00-nixos.conf", "".join(f"{line}\n" for line in lines))
    accounts(root, host)
    units(root / "etc/systemd/system", host)
    # A build of a host has no use for it.
    kafnix = [f"{cargo.KAFNIX}:/nix/store/kafnix/bin/kafnix"] if host["units"] else []
    return kafnix + store(root, host, cache, launcher)


def etc(name: str, text: str) -> str:
    """What a host has of a file below /etc."""
    if not name.startswith("sysctl.d/"):
        return text
    return "".join(line for line in text.splitlines(keepends=True) if line.startswith(KERNEL))


def place(unit: str) -> str:
    """Where the text of a unit stands, below /etc/systemd/system."""
    return f"{unit}.d/overrides.conf" if unit in OVERRIDDEN else unit


def units(folder: Path, host: dict[str, Any]) -> None:
    for name, unit in host["units"].items():
        write(folder / place(name), unit["text"])
        for wanting in unit["wantedBy"]:
            link(folder / f"{wanting}.wants/{name}", f"../{name}")


def accounts(root: Path, host: dict[str, Any]) -> None:
    with (root / "etc/group").open("a") as groups:
        groups.writelines(f"{name}:x:{gid}:\n" for name, gid in host["groups"].items())
    with (root / "etc/passwd").open("a") as users:
        for name, user in host["users"].items():
            gid = host["groups"][user["group"]]
            users.write(f"{name}:x:{user['uid']}:{gid}:{user['description']}:{user['home']}:/usr/sbin/nologin\n")


def store(root: Path, host: dict[str, Any], cache: Path, launcher: Path) -> list[str]:
    here = root / "nix/store"
    for package, programs in SYSTEM.items():
        link(here / package / "bin", programs)
        link(here / package / "sbin", "/usr/sbin")
    link(here / "tzdata/share/zoneinfo", "/usr/share/zoneinfo")
    (here / "kafnix-launch/bin").mkdir(parents=True)
    shutil.copy(launcher, here / "kafnix-launch/bin/kafnix-launch")
    binds: list[str] = []
    if host["jdk"] == "8":
        binds.append(f"{cache / 'java-8-tree'}:{JAVA_8}")
        write(here / "openjdk-headless/bin/java", (cache / "java-8-tree/java-of-hosts").read_text(), 0o555)
    else:
        write(here / "openjdk-headless/bin/java", f'#!/bin/sh\nexec {JAVA}/bin/java {runtimes.QUICK} "$@"\n', 0o555)

    if kafka := release(host, "kafka"):
        for tool, script in tools.of_kafka(kafka.removeprefix("kafka-"), f"/nix/store/{kafka}/libs").items():
            write(here / kafka / "bin" / tool, script, 0o555)
        binds.append(f"{cache / 'products' / kafka / 'libs'}:/nix/store/{kafka}/libs")
    if zookeeper := release(host, "zookeeper"):
        for tool, script in tools.of_zookeeper(f"/nix/store/{zookeeper}/lib").items():
            write(here / zookeeper / "bin" / tool, script, 0o555)
        binds.append(f"{cache / 'products' / zookeeper / 'lib'}:/nix/store/{zookeeper}/lib")

    if host["checks"]:
        binds.append(f"{cache / 'config-check'}:/nix/store/kafnix-config-check")
    built = []
    for path, text in host["store"].items():
        if path.endswith(CLASS_DATA):
            binds.append(f"{class_data.place(cache, text)}:{path}")
        elif path not in host["tools"].values():
            write(root / file_of(path), text, 0o555)
        elif text.startswith("#!"):
            write(root / path.lstrip("/") / "bin" / Path(path).name, text, 0o555)
        else:
            built.append((path, text))
    for path, text in built:
        environment = {"out": path, "PATH": "/usr/sbin:/usr/bin"}
        subprocess.run(["chroot", root, "/bin/bash", "-euc", text], env=environment, check=True)
    return binds


def file_of(path: str) -> str:
    """Where the text of a store path lies, below the root: NixOS gives the script of a unit a folder."""
    name = path.removeprefix("/nix/store/unit-script-")
    return (path if name == path else f"{path}/bin/{name}").lstrip("/")


def release(host: dict[str, Any], product: str) -> str:
    """The product and its version as its unit names them; nothing where the host has no such server."""
    words = host["units"].get(f"{product}.service", {"text": ""})["text"].split('"')
    folders = [word for word in words if word.startswith(f"--install=/nix/store/{product}-")]
    return Path(folders[0]).name if folders else ""


def write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Debian may have a link there
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(mode)


def link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)
