"""A topic of the spec is there without anybody's command once all brokers are registered, and not before. One that was
deleted does not come back when a host boots again, nor from a host whose configuration is older than another's."""

import json
import re

from helpers.cluster import (
    brokers,
    chroot,
    published,
    servers,
    start_all,
    wait_for_brokers,
    wait_for_cluster,
    wait_until,
    wait_until_it_says,
    zk,
)
from helpers.load import topics
from helpers.machine import Host

LONG = True
UNIT = "kafnix-topics.service"


def scenario(*machines: Host) -> None:
    # A host whose files nobody has read does not run yet.
    *first, last = machines
    start_all(first)
    wait_for_brokers(first)
    wait_until_it_says(first[0], UNIT, f"on {last.name} to register")
    assert there(first[0]) == [], "a topic was created before all brokers were registered"
    last.start()
    wait_for_cluster(machines)
    declared = json.loads(last.succeed("cat /etc/kafnix/cluster.json"))["topics"]
    wait_until("the declared topics are there", lambda: there(last) == sorted(declared), pause=1)
    for broker in brokers(machines):
        wait_until_it_says(broker, UNIT, "all declared topics are there")
    for topic, of in declared.items():
        described = topics(last, f"--describe --topic {topic}")
        assert f"PartitionCount: {of['partitions']}" in described, described
        assert f"ReplicationFactor: {of['replicas']}" in described, described

    for topic in declared:
        topics(last, f"--delete --topic {topic}")
    wait_until("the topics are deleted", lambda: there(last) == [], pause=1)
    first[0].shutdown()
    first[0].start()
    wait_for_cluster(machines)
    wait_until_it_says(first[0], UNIT, "the declared topics were created before")
    assert there(last) == [], "a deleted topic has come back with a boot"

    # One host is switched to a spec without topics; another one forgets that it has created them.
    newer = json.loads(last.succeed("cat /etc/kafnix/cluster.json")) | {"topics": {}}
    last.succeed(f"rm /etc/kafnix/cluster.json; echo '{json.dumps(newer)}' > /etc/kafnix/cluster.json")
    last.succeed("systemctl start kafnix-generation")
    wait_until("the newer spec is published", lambda: published(last, last.name)["topics"] == [], pause=1)
    first[0].succeed(f"rm /var/lib/kafnix/topics; systemctl start {UNIT}")
    wait_until_it_says(first[0], UNIT, f"nothing is created: {last.name} has a newer configuration")
    assert there(last) == [], "a deleted topic has come back from an older spec"


def there(machine: Host) -> list[str]:
    """The topics that the ensemble knows, but for those of the brokers themselves."""
    listed = zk(servers([machine])[0], f"ls {chroot(machine)}/brokers/topics")
    found = next((line for line in reversed(listed) if re.fullmatch(r"\[.*\]", line)), None)
    assert found is not None, f"the ensemble tells no topics: {listed}"
    return sorted(name for name in found.strip("[]").split(", ") if name and not name.startswith("__"))
