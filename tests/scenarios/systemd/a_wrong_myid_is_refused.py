"""A ZooKeeper server whose directory bears the id of another is refused with status 78 and a sentence, is not
started over and over, and nothing in the directory is changed."""

from helpers.cluster import having, refused, servers, settings, start_all, units
from helpers.machine import Machine

LONG = True


def scenario(*machines: Machine) -> None:
    start_all(machines[:1])
    # the sentence is the same on every host
    host = (having("zookeeper", machines[:1]) or servers(machines))[0]
    host.wait_for_unit("zookeeper.service")
    data = settings(host, "zookeeper")["dataDir"]
    host.succeed(f"systemctl stop {' '.join(units(host))}", f"echo 254 >{data}/myid")
    listing = f"ls -lR --time-style=full-iso {data}; cat {data}/myid"
    before = host.succeed(listing)
    said = refused(host, "zookeeper.service")
    assert f"{data}/myid" in said, said
    assert host.succeed(listing) == before, "something in the directory has changed"
