"""The Debian tree that all hosts stand on. It is made once per machine and never written to."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

# With a new list or a new way to make it, the old tree is not taken.
NAME = "debian-bookworm-4"
PACKAGES = [
    *("systemd", "systemd-sysv", "udev", "dbus"),
    *("openjdk-17-jre-headless", "nftables", "iproute2", "xfsprogs", "procps", "util-linux"),
    # of what switches a host to another configuration
    "python3-minimal",
]
# What has no use on a host of this kind, writes to the kernel that all hosts share, or runs by the clock.
WITHOUT = [
    *("systemd-modules-load.service", "systemd-hwdb-update.service"),
    *("console-getty.service", "getty.target", "systemd-logind.service"),
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer"),
    *("e2scrub_all.timer", "e2scrub_reap.service", "systemd-firstboot.service"),
]


def make(cache: Path) -> Path:
    tree = cache / NAME
    if tree.exists():
        return tree
    print("the Debian tree of the hosts is made, once", flush=True)
    made = cache / f".{NAME}.{os.getpid()}"
    try:
        fill(made)
        # somebody else may have been faster; theirs is as good
        with suppress(OSError):
            made.rename(tree)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    assert tree.exists(), f"{made} could not become {tree}"
    return tree


def fill(tree: Path) -> None:
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}", "bookworm", str(tree)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    # Debian's rules know every device of the machine, and its settings are for a kernel of one's own: a host knows
    # its own disks and network card, and sets what NixOS says.
    for folder in ("usr/lib/udev/rules.d", "usr/lib/sysctl.d", "etc/sysctl.d"):
        for file in (tree / folder).iterdir():
            file.unlink()
    for unit in WITHOUT:
        (tree / "etc/systemd/system" / unit).symlink_to("/dev/null")
    (tree / "var/log/journal").mkdir(exist_ok=True)
