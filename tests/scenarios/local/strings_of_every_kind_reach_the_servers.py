"""A cluster whose names, settings and directories are written with every kind of character serves."""

import json

from harness.local.cluster import ROOT, Cluster


def scenario(cluster: Cluster) -> None:
    cluster.spec = json.loads((ROOT / "tests/specs/hostile-strings/cluster.json").read_text())
    cluster.local("up")
    assert all(server.phase == "serving" for server in cluster.servers()), cluster.servers()
