"""The network of one host: a namespace with one card, and the cable from there to the bridge between all hosts."""

import subprocess
from dataclasses import dataclass, field


@dataclass
class Cable:
    # at the bridge
    end: str
    # of the host
    namespace: str
    card: str
    given: list[str] = field(default_factory=list)

    def give(self, addresses: list[str]) -> None:
        """Addresses for a host that has no unit to take them."""
        self.given = addresses
        self.power_on()

    def power_on(self) -> None:
        """The card of a host that boots is down and has no addresses, and its kernel has no firewall yet."""
        run("ip", "netns", "exec", self.namespace, "nft", "flush", "ruleset")
        within = ("ip", "-n", self.namespace)
        run(*within, "address", "flush", "dev", self.card)
        run(*within, "link", "set", self.card, "up" if self.given else "down")
        for address in self.given:
            run(*within, "address", "add", f"{address}/24", "dev", self.card)

    def pull(self) -> None:
        run("ip", "link", "set", self.end, "down")

    def plug(self) -> None:
        run("ip", "link", "set", self.end, "up")


def run(*command: str) -> None:
    subprocess.run(command, check=True)
