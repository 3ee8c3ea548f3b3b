"""A control group for each host, in every hierarchy that systemd keeps its units in. Where there is none of
version 2 (or beside it), that is version 1's own for systemd."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path


def own() -> Iterator[Path]:
    """Where this process is, in each hierarchy of systemd's."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for mount in mounts(controllers):
            yield mount / path.lstrip("/")


def mounts(controllers: str) -> Iterator[Path]:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if (controllers == "" and kind == "cgroup2") or (
            kind == "cgroup" and controllers == "name=systemd" and "name=systemd" in options.split(",")
        ):
            yield Path(place)


def of(group: str) -> list[Path]:
    return [path / group for path in own()]


def make(group: str, hosts: list[str]) -> None:
    for path in of(group):
        for host in hosts:
            (path / host).mkdir(parents=True)
    os.environ["KAFNIX_HOSTS_GROUPS"] = ":".join(map(str, of(group)))


def enter(host: str) -> None:
    for path in os.environ["KAFNIX_HOSTS_GROUPS"].split(":"):
        (Path(path) / host / "cgroup.procs").write_text("0")


def remove(group: str) -> None:
    """What is left of it, deepest first. A process that has just ended may still be in one."""
    for path in of(group):
        for _attempt in range(50):
            for folder, _, _ in os.walk(path, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
            if not path.exists():
                break
            time.sleep(0.1)
