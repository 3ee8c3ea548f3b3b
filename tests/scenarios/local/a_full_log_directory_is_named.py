"""`verify` says of a log directory once that its disk is nearly full, and once that it is offline; `local status` says
with how many a broker serves; with room and a start it has all of them."""

import os
import subprocess
from pathlib import Path

from harness.local.cluster import Cluster
from harness.results import Skipped

SIZE = 64 << 20


def scenario(cluster: Cluster) -> None:
    cluster.keep_one_host()
    cluster.spec["topics"] = {"load": {"partitions": 4, "replicas": 1}}
    cluster.local("up")
    cluster.local("down")
    disk = cluster.data("kafka01", "/data/kafka2/logs")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "kafnix-test", str(disk)]
    if subprocess.run(mount, check=False).returncode:
        raise Skipped("this user may mount nothing")
    try:
        cluster.local("up")
        gets_full(cluster, disk)
    finally:
        cluster.local("down", "--kill", ok=False)
        subprocess.run(["umount", disk], check=True)


def gets_full(cluster: Cluster, disk: Path) -> None:
    filler = disk / "filler"
    fill(filler, leave=1 << 20)
    [found] = told(cluster, disk)
    assert found.startswith(f"the disk of {disk} is nearly full: ") and found.endswith(" of 64.0 MiB free"), found
    fill(filler, leave=0)
    said = cluster.wait_for("kafka01", "kafka", "serving with 1 of 2 log directories")
    assert said.phase == "serving" and said.status.endswith(f"offline: {disk}"), said
    assert told(cluster, disk) == [f"{disk} is offline: KafkaStorageError"]
    filler.unlink()
    cluster.local("stop", "kafka01", "--role", "kafka")
    cluster.local("up")
    assert "offline" not in cluster.server("kafka01", "kafka").status
    assert "V310" not in cluster.failed_checks()


def told(cluster: Cluster, disk: Path) -> list[str]:
    """What the check says of this disk, and not of the one that the other directory lies on."""
    [found] = cluster.failed_checks()["V310"]
    return [one for one in found.split("; ") if str(disk) in one]


def fill(filler: Path, leave: int) -> None:
    """Takes the room of a disk but for so much."""
    disk = os.statvfs(filler.parent)
    with filler.open("ab") as file:
        room = disk.f_bavail * disk.f_frsize - leave
        try:
            os.write(file.fileno(), b"x" * max(room, 0))
            while leave == 0:
                os.write(file.fileno(), b"x" * 4096)
        except OSError as error:
            assert "No space left" in str(error), error
