"""A broker one of whose log directories bears the id of another broker is refused with status 78 and a sentence,
is not started over and over, and nothing in the directory is changed."""

from helpers.cluster import brokers, log_directories, refused, start_cluster
from helpers.machine import Machine

LONG = True


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    broker = brokers(machines)[-1]
    directory = log_directories(broker)[-1]
    properties = f"{directory}/meta.properties"
    broker.succeed("systemctl stop kafka.service", f"sed -i 's/^broker.id=.*/broker.id=77/' {properties}")
    # the marker says whose it is, too; a disk of a manual installation has none
    broker.succeed(f"rm -f {directory}/kafnix-owner.json")
    listing = f"ls -lR --time-style=full-iso {directory}; cat {properties}"
    before = broker.succeed(listing)
    said = refused(broker, "kafka.service")
    assert properties in said and "77" in said, said
    assert broker.succeed(listing) == before, "something in the directory has changed"
