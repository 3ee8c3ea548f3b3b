"""The stop of a broker under load is a controlled shutdown: it has no leaders any more when it ends, every log
directory is closed, the broker itself ends its session, the unit's stop is a success, and nothing that was acknowledged
is lost."""

import re

from helpers.cluster import (
    DEAD,
    broker_id,
    brokers,
    info,
    journal,
    log_directories,
    start_cluster,
    state,
    wait_for_brokers,
)
from helpers.load import Load
from helpers.machine import Machine


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    broker, own = brokers(machines)[-1], broker_id(brokers(machines)[-1])
    broker.succeed("systemctl stop kafka.service")
    found = info(broker, "kafka.service")
    assert (found["ActiveState"], found["Result"]) == ("inactive", "success"), f"it is {found['ActiveState']}"
    said = journal(broker, "kafka.service")
    assert "Controlled shutdown request returned successfully" in said, said[-3000:]
    assert DEAD not in said, "the launcher has seen to the session of a broker that was stopped"
    for directory in log_directories(broker):
        broker.succeed(f"test -e {directory}/.kafka_cleanshutdown")
    described = load.machine.succeed(f"kafka-topics.sh --describe --topic {load.topic}")
    leaders = {int(number) for number in re.findall(r"Leader: (\d+)", described)}
    assert leaders and own not in leaders, described
    load.wait_for(2000)
    broker.succeed("systemctl start kafka.service")
    assert state(broker, "kafka.service") == "active"
    wait_for_brokers(brokers(machines))
    load.finish()
