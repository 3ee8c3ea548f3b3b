"""A file system that is mounted below the cluster's data keeps `down --wipe` from its end, and not from the next."""

import subprocess

from harness.local.cluster import Cluster
from harness.results import Skipped

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    data = cluster.data("kafka02", "/data/kafka1/logs")
    cluster.local("down")
    disk = data.parent / "lost+found"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "kafnix-test", disk], check=False).returncode != 0:
        raise Skipped("this user may mount nothing")
    (disk / "file").write_text("of the cluster")
    failed = cluster.local("down", "--wipe", ok=False, within=60)
    assert failed.returncode == 2, failed
    for words in (f"`{disk}` cannot be removed", f"umount {disk}", "run this again"):
        assert words in failed.stderr, failed.stderr
    # All else is gone, and the cluster is known.
    assert not list(cluster.state.glob("*/*/*.log")), "the rest of the data is kept"
    assert [server.host for server in cluster.servers()], "the cluster is forgotten"
    refused = cluster.local("up", ok=False)
    assert refused.returncode == 2 and "kafnix local down --wipe" in refused.stderr, refused
    subprocess.run(["umount", disk], check=True)
    cluster.local("down", "--wipe")
    assert not cluster.state.exists()
    cluster.local("up")
    cluster.all_good()
