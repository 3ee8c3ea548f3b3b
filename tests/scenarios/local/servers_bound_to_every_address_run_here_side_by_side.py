"""A cluster whose servers bind every address of their hosts, and whose brokers do not all have one listener, runs on
this machine, each server at the address of its host alone. `verify` asks about all partitions, whatever listeners there
are."""

import json
import subprocess

from harness.local.cluster import ROOT, Cluster

LONG = True
CLIENT, ELECTION, INTERNAL, EXTERNAL = 2181, 3888, 9092, 9094


def scenario(cluster: Cluster) -> None:
    cluster.spec = json.loads((ROOT / "tests/specs/taken-over/cluster.json").read_text())
    cluster.spec["topics"] = {"load": {"partitions": 6, "replicas": 3}}
    cluster.spec["kafka"]["hosts"] = {
        "kafka01": {"settings": {"early.start.listeners": ["EXTERNAL"]}},
        "kafka02": {},
        "kafka03": {},
    }
    cluster.local("up")
    assert all(server.phase == "serving" for server in cluster.servers()), cluster.servers()
    bound_apart(cluster)
    # partitions are led by the broker without EXTERNAL, too, and that listener comes first by its name
    cluster.all_good()

    # the setting by which only the ports among peers are bound to every address
    cluster.local("down", "--wipe")
    cluster.spec["zookeeper"] |= {"bind": "address", "settings": {"quorumListenOnAllIPs": True}}
    cluster.local("up")
    bound_apart(cluster)
    cluster.all_good()


def bound_apart(cluster: Cluster) -> None:
    """Each server's ports at loopback addresses of its own."""
    counts = {CLIENT: 3, ELECTION: 3, INTERNAL: 3, EXTERNAL: 2}
    listening = bound()
    for port, count in counts.items():
        addresses = [address for address, its in listening if its == port]
        assert len(addresses) == count, f"port {port} is bound at {addresses}"
        assert all(address.startswith("127.") for address in addresses), f"port {port} is bound at {addresses}"
    assert len(cluster.servers()) == 6


def bound() -> set[tuple[str, int]]:
    command = ["ss", "--tcp", "--listening", "--numeric", "--no-header"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    places = [line.split()[3].rsplit(":", 1) for line in lines]
    return {(address.strip("[]").removeprefix("::ffff:"), int(port)) for address, port in places}
