"""Who may reach which port of a host, by the rows of `kafnix show firewall`, and whom to try it as."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, NamedTuple

Address = IPv4Address | IPv6Address
Row = dict[str, Any]

# Addresses for documentation: no cluster has a host there.
STRANGERS = ["203.0.113.77", "2001:db8:77::77"]
# Ports that nothing opens: ssh's, where it is off, the AdminServer's and JMX's.
CLOSED = [22, 8080, 9999]


class Try(NamedTuple):
    source: str
    address: str
    port: int

    @property
    def same_family(self) -> bool:
        return (":" in self.source) == (":" in self.address)

    def __str__(self) -> str:
        return f"{self.source} at {self.address} port {self.port}"


@dataclass
class Host:
    """A host as it is evaluated, and the rows that say what must hold on it."""

    addresses: list[str]
    ruleset: str
    ssh: list[int]
    rows: list[Row]

    def allows(self, one: Try) -> bool:
        return one.port in self.ssh or any(
            row["port"] == one.port
            and row["address"] in (None, one.address)
            and (row["addresses"] is None or any(within(one.source, network) for network in row["addresses"]))
            for row in self.rows
        )

    def tries(self, cluster: list[Row], neighbours: list[str]) -> list[Try]:
        """Every source at every port of the cluster, at every address of this host."""
        sources = {*STRANGERS, *neighbours}
        for row in cluster:
            sources.update(str(source) for network in row["addresses"] or [] for source in samples(network))
        ports = sorted({*CLOSED, *self.ssh, *(row["port"] for row in cluster)})
        every = (
            Try(source, address, port)
            for source in sorted(sources - set(self.addresses))
            for address in self.addresses
            for port in ports
        )
        return [one for one in every if one.same_family]


def within(source: str, network: str) -> bool:
    return ip_address(source) in ip_network(network, strict=False)


def samples(text: str) -> Iterator[Address]:
    """An address of a network, and its neighbours on either side, which are not of it."""
    network = ip_network(text, strict=False)
    first, last = network.network_address, network.broadcast_address
    for number in (int(first) - 1, int(first) + min(5, network.num_addresses - 1), int(last) + 1):
        if 0 < number < 2**network.max_prefixlen and usable(address := type(first)(number)):
            yield address


def usable(address: Address) -> bool:
    return not (
        address.is_multicast
        or address.is_loopback
        or address.is_unspecified
        or address.is_link_local
        or (address.version == 4 and (address.is_reserved or int(address) < 2**24))
    )


def mutations(ruleset: str) -> Iterator[tuple[str, str]]:
    """Rulesets that are wrong in one rule of kafnix: it is gone, or open to more than it says."""
    lines = ruleset.splitlines()
    for number, line in enumerate(lines):
        rule = re.search(r'tcp dport .* accept comment "(.*)"$', line)
        if not rule:
            continue
        for what, changed in {
            "is gone": "",
            "is open to everybody": re.sub(r"ip6? saddr (\$\S+|\{.*\}) ", "", line),
            "is open at every address": re.sub(r"ip6? daddr \S+ ", "", line),
        }.items():
            if changed != line:
                yield (
                    f"the rule `{rule[1]}` {what}",
                    "\n".join([*lines[:number], changed, *lines[number + 1 :]]),
                )
