"""A host that is switched to a configuration with another setting for its broker, one more open port and another
setting of the kernel has all of it when the switch ends, with the broker serving; its ZooKeeper server keeps its
process, its firewall is never off, and a second switch restarts nothing. The host tells the ensemble of the new
broker."""

import json

from helpers.cluster import (
    brokers,
    processes,
    published,
    says,
    settings,
    start_cluster,
    wait_for_cluster,
    wait_until,
)
from helpers.machine import Machine

SWITCHES = True


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    host = brokers(machines)[-1]
    before = processes(host)
    assert settings(host, "kafka").get("log.retention.hours") != "100"
    guarded = guarded_since(host)
    configured = services(host)
    # The system that it is switched to has no other beside it.
    system = host.succeed("readlink -f /run/current-system/specialisation/changed").strip()
    switch = f"{system}/bin/switch-to-configuration test 2>&1"
    host.log(host.succeed(switch))
    assert settings(host, "kafka")["log.retention.hours"] == "100", "the setting has not arrived"
    assert "serving" in says(host, "kafka.service"), f"the switch ended too early: {says(host, 'kafka.service')}"
    after = processes(host)
    assert after["kafka.service"] != before["kafka.service"], "the broker was not restarted"
    assert after.get("zookeeper.service") == before.get("zookeeper.service"), "the ZooKeeper server was restarted"
    assert guarded_since(host) == guarded, "the firewall was off for a moment"
    assert "9999" in host.succeed("nft list chain inet nixos-fw input-allow"), "the port has not been opened"
    assert host.succeed("cat /proc/sys/net/ipv4/tcp_keepalive_time").strip() == "600", "the kernel has kept its setting"
    changed = {unit for unit, digest in services(host).items() if digest != configured[unit]}
    assert changed == {"kafka.service"}, f"other digests have changed than that of the broker: {changed}"
    told = f"{host.name}/running"
    wait_until("the new broker is told of", lambda: published(host, told)["services"] == services(host), pause=1)
    host.succeed(switch)
    assert processes(host) == after, "a switch that changes nothing has restarted something"
    wait_for_cluster(list(machines))


def services(machine: Machine) -> dict[str, str]:
    """The digest of each unit that the host is configured with."""
    return dict(json.loads(machine.succeed("cat /etc/kafnix/generation.json"))["services"])


def guarded_since(machine: Machine) -> str:
    return machine.get_unit_info("nftables.service")["ActiveEnterTimestampMonotonic"]
