"""An ensemble that has a server with id 0, as one of nixpkgs' own module may have, forms and serves."""

from harness.local.cluster import Cluster

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.spec["zookeeper"]["hosts"] = {host: {"id": number} for number, host in enumerate(cluster.hosts)}
    cluster.local("up")
    assert [server.id for server in cluster.servers() if server.role == "zookeeper"] == [0, 1, 2]
    cluster.all_good()
