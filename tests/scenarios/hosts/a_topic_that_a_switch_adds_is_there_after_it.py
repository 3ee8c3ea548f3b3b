"""A topic that the configuration of hosts that run is given is there after the switch, without anybody's command: the
first host that knows of it creates it, the others find it, and no server is restarted."""

import json
import uuid

from helpers.cluster import brokers, processes, start_cluster, wait_until, wait_until_it_says
from helpers.load import topics
from helpers.machine import Host
from helpers.switch import of_nothing, switch, system_of, wait_until_free

SWITCHES = True
UNIT = "kafnix-topics.service"


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    wait_until_free(machines[0])
    for broker in brokers(machines):
        wait_until_it_says(broker, UNIT, "all declared topics are there")
    generated = uuid.uuid4().hex * 2
    for machine in machines:
        system = with_topic(machine, "added", generated)
        before = processes(machine)
        status, said = switch(machine, system)
        assert status == 0 and processes(machine) == before, (status, said)
        wait_until(
            "the added topic is there", lambda: "added" in topics(brokers(machines)[0], "--list").split(), pause=1
        )
        wait_until_it_says(machine, UNIT, "all declared topics are there")
    described = topics(brokers(machines)[0], "--describe --topic added")
    assert "PartitionCount: 2" in described and "ReplicationFactor: 3" in described, described


def with_topic(machine: Host, topic: str, generated: str) -> str:
    """A system for a host that differs from what it runs as the configuration of another spec with the same servers
    does: in its spec, the digest of that, and the services that read them."""
    system_of(machine)
    system = of_nothing(machine, topic)
    configured = f"{system}/etc/kafnix"
    spec = json.loads(machine.succeed(f"cat {configured}/cluster.json"))
    spec["topics"][topic] = {"partitions": 2, "replicas": 3}
    generation = json.loads(machine.succeed(f"cat {configured}/generation.json"))
    generation["generated"] = generated
    for name, text in (("cluster", json.dumps(spec)), ("generation", json.dumps(generation))):
        machine.succeed(f"cat > {configured}/{name}.json <<'END'\n{text}\nEND\n")
    units = " ".join(f"{system}/etc/systemd/system/{unit}" for unit in (UNIT, "kafnix-generation.service"))
    machine.succeed(f"sed -i 's/^X-Restart-Triggers=.*/&-{topic}/' {units}")
    return system
