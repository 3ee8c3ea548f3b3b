"""Two clusters run side by side on addresses of their own; wiping one leaves the other alone."""

from harness.local.cluster import Cluster

LONG = True


def scenario(cluster: Cluster) -> None:
    hosts = {"kafka01": cluster.spec["hosts"]["kafka01"]}
    cluster.spec["hosts"] = hosts
    cluster.spec["topics"] = {}
    other = Cluster(cluster.folder / "other", cluster.kafnix, cluster.products)
    other.folder.mkdir()
    (other.folder / "state").symlink_to(cluster.folder / "state")
    cluster.local("up")
    other.spec = dict(cluster.spec, name="other", kafka=dict(cluster.spec["kafka"], chroot="/other"))
    other.local("up")
    addresses = {server.address for server in cluster.servers()} & {server.address for server in other.servers()}
    assert not addresses, f"both use {addresses}"
    other.local("down", "--wipe")
    cluster.all_good()
