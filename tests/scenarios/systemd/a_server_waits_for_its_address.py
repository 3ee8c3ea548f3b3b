"""A server that starts before its host has its address, or while IPv6 still looks for duplicates of it, waits and says
so; when the address can be bound to it serves, and has not been started twice."""

import json
import time

from helpers.cluster import listener, says, servers, start_cluster, state, units, wait_for_cluster, wait_until_it_says
from helpers.machine import Machine

CLUSTER = "ipv6"
# How many times the kernel asks, once a second, whether another host has the address.
PROBES = 8
# systemd.journal-fields(7): of every start, a restart by itself included
UNIT_STARTING = "7d4958e842da4a758f6c1cdc7b36dcc5"


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    host = servers(machines)[-1]
    address = listener(host).rsplit(":", 1)[0].strip("[]")
    card, length = place(host, address)
    before = {unit: starts(host, unit) for unit in units(host)}
    host.succeed(f"systemctl stop {' '.join(units(host))}")
    host.succeed(f"ip address delete {address}/{length} dev {card}")
    # each by itself: of both at once the broker is started when its ZooKeeper server is up
    for unit in reversed(units(host)):
        host.succeed(f"systemctl start --no-block {unit}")
        wait_until_it_says(host, unit, f"waiting for the address {address}")
    host.succeed(
        f"echo {PROBES} >/proc/sys/net/ipv6/conf/{card}/dad_transmits",
        f"ip address add {address}/{length} dev {card}",
    )
    time.sleep(PROBES / 2)
    assert host.succeed(f"ip -json address show dev {card} tentative to {address}").strip() not in ("", "[]"), (
        f"{address} is tentative no more"
    )
    for unit in units(host):
        assert state(host, unit) == "activating", f"{unit} is {state(host, unit)}"
        assert f"waiting for the address {address}" in says(host, unit), says(host, unit)
    wait_for_cluster(list(machines))
    for unit in units(host):
        assert starts(host, unit) == before[unit] + 1, f"{unit} was started {starts(host, unit) - before[unit]} times"


def place(machine: Machine, address: str) -> tuple[str, int]:
    """The card that has the address, and the length of its network's prefix."""
    [card] = [one for one in json.loads(machine.succeed(f"ip -json address show to {address}")) if one]
    return card["ifname"], card["addr_info"][0]["prefixlen"]


def starts(machine: Machine, unit: str) -> int:
    """How often the main process of the unit has been started in this boot."""
    said = machine.succeed(f"journalctl --boot --output=cat --no-pager MESSAGE_ID={UNIT_STARTING} UNIT={unit}")
    return len(said.splitlines())
