"""On a state disk that is full, `local status` tells what each server does now, and that the disk is full; nothing half
written stays; servers are stopped, and started as soon as there is room."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

from harness.local.cluster import Cluster
from harness.results import Skipped

# What `up` wants for two servers is 200 MiB.
SIZE = "300m"


def scenario(cluster: Cluster) -> None:
    cluster.keep_one_host()
    cluster.spec["topics"] = {}
    state = cluster.folder / "state"
    state.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "kafnix-test", state], check=False).returncode:
        raise Skipped("this user may mount nothing")
    try:
        on_a_small_disk(cluster, state)
    finally:
        cluster.local("down", "--kill", ok=False)
        subprocess.run(["umount", state], check=True)


def on_a_small_disk(cluster: Cluster, state: Path) -> None:
    cluster.local("up")
    spec = state / "spec" / "cluster.json"
    spec.parent.mkdir()
    spec.write_text((cluster.folder / "cluster.json").read_text())
    filler = state / "filler"
    fill(filler)
    assert "is full: make room" in cluster.local("status").stderr
    assert cluster.server("kafka01", "zookeeper").phase == "serving"
    # what it said when there was room is wrong now; one that wanted to write may have ended by itself
    with suppress(AssertionError, ProcessLookupError):
        cluster.kill("kafka01", "kafka")
    ended = cluster.wait_ended("kafka01", "kafka")
    assert ended.exit in (1, 137) and f"status {ended.exit}" in ended.status, ended
    refused = cluster.local("start", "kafka01", ok=False)
    assert refused.returncode == 2 and "the disk that it is on is full" in refused.stderr, refused
    refused = cluster.kafnix_run("generate", str(spec), ok=False)
    assert refused.returncode == 2 and "No space left" in refused.stderr, refused
    assert os.listdir(spec.parent) == ["cluster.json"], os.listdir(spec.parent)
    cluster.local("stop", "kafka01")
    ended = cluster.server("kafka01", "zookeeper")
    # It ends with 10 where it is to write meanwhile, such as the end of the broker's session.
    assert ended.phase == "ended" and ended.exit in (10, 143), ended
    assert not halves(state), halves(state)
    filler.unlink()
    cluster.local("up")
    assert "full" not in cluster.local("status").stderr


def fill(filler: Path) -> None:
    """Takes all the room there is, to the last page."""
    with filler.open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), b"x" * 4096 * 16)
        except OSError as error:
            assert "No space left" in str(error), error


def halves(state: Path) -> list[Path]:
    """Files of kafnix that are empty, or on their way."""
    found = [path for path in state.rglob("*.json*") if path.stat().st_size == 0 or path.name.endswith(".new")]
    return [path for path in found if "/data/" not in str(path)]
