"""A process that the kernel does not let go is named, within seconds, and all others end."""

from harness.local.cluster import Cluster
from harness.local.hang import undying


def scenario(cluster: Cluster) -> None:
    cluster.keep_one_host()
    cluster.local("up")
    broker = cluster.server("kafka01", "kafka")
    assert broker.launcher
    undying(broker.launcher)
    for command in (("stop", "kafka01", "--kill"), ("down", "--timeout", "30")):
        done = cluster.local(*command, ok=False, within=100)
        assert done.returncode == 2 and f"SIGKILL does not end process {broker.launcher}:" in done.stderr, done
    left = [server for server in cluster.servers() if server.phase != "ended"]
    assert [server.launcher for server in left] == [broker.launcher], left
