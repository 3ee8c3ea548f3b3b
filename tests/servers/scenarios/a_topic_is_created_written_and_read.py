"""A topic is created, written and read by the products' own clients."""

from support.clients import Load, topics
from support.cluster import Cluster


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    topics(cluster, "--create", "--topic", "new", "--partitions", "2", "--replication-factor", "3")
    Load(cluster, topic="new").finish()
