"""A server whose directory is marked as that of another server is refused with status 78 and a sentence, is not
started over and over, and nothing in the directory is changed: ZooKeeper's and Kafka's alike."""

from helpers.cluster import log_directories, refused, settings, start_cluster, units
from helpers.machine import Machine

LONG = True


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    host = machines[-1]
    for unit in units(host)[::-1]:
        role = unit.removesuffix(".service")
        directory = log_directories(host)[0] if role == "kafka" else settings(host, role)["dataDir"]
        marker = f"{directory}/kafnix-owner.json"
        host.succeed(f"systemctl stop {unit}", f'sed -i \'s/"id": *[0-9]*/"id": 77/\' {marker}')
        assert "77" in host.succeed(f"cat {marker}")
        listing = f"ls -lR --time-style=full-iso {directory}; cat {marker}"
        before = host.succeed(listing)
        said = refused(host, unit)
        assert marker in said and "77" in said, said
        assert host.succeed(listing) == before, f"something in {directory} has changed"
