"""A host that is switched to a configuration with another setting for its broker has it when the switch ends, with
the broker serving; its ZooKeeper server keeps its process, and a second switch restarts nothing."""

from helpers.cluster import brokers, processes, says, settings, start_cluster, wait_for_cluster
from helpers.machine import Machine

SWITCHES = True
SWITCH = "/run/current-system/specialisation/changed/bin/switch-to-configuration test 2>&1"


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    host = brokers(machines)[-1]
    before = processes(host)
    assert settings(host, "kafka").get("log.retention.hours") != "100"
    host.log(host.succeed(SWITCH))
    assert settings(host, "kafka")["log.retention.hours"] == "100", "the setting has not arrived"
    assert "serving" in says(host, "kafka.service"), f"the switch ended too early: {says(host, 'kafka.service')}"
    after = processes(host)
    assert after["kafka.service"] != before["kafka.service"], "the broker was not restarted"
    assert after.get("zookeeper.service") == before.get("zookeeper.service"), "the ZooKeeper server was restarted"
    host.succeed(SWITCH)
    assert processes(host) == after, "a switch that changes nothing has restarted something"
    wait_for_cluster(list(machines))
