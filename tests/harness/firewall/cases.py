"""Every port of a host that is tried as a stranger, as every other host and as a member of every declared network:
who gets through must be who the matrix says. The firewall of the host is loaded in a network namespace."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from .. import cargo, nix
from ..machine import ROOT, TESTS, require, require_namespaces
from ..processes import alone
from ..results import Result, judged
from .matrix import Host, Row, Try, mutations

FIREWALL = "firewall: "
# The cluster of tests/evaluate/every-opening.nix.
BY_HAND = "every-opening"
# A case that takes longer hangs, on a machine that does much else, too.
LIMIT = 600
# They wait more than they work.
AT_ONCE = 4 * (os.cpu_count() or 1)


@dataclass
class Case:
    name: str
    host: Host
    tries: list[Try]
    # whether the ruleset is one that the tries must find wrong
    spoilt: bool = False

    def problem(self) -> str:
        """Why the test failed, or nothing."""
        if not self.tries:
            return "there is nothing to try"
        expected = [one for one in self.tries if self.host.allows(one)]
        question = {
            "addresses": self.host.addresses,
            "ruleset": self.host.ruleset,
            "tries": self.tries,
            "expected": expected,
        }
        try:
            asked = subprocess.run(
                [*alone(), sys.executable, "-B", "-m", "harness.firewall.network", "world"],
                env={**os.environ, "PYTHONPATH": str(TESTS)},
                input=json.dumps(question),
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"the try still runs after {LIMIT} s"
        if asked.returncode != 0:
            return f"the try ended early: {' '.join(asked.stderr.splitlines()[-2:])}"
        reached = {Try(*one) for one in json.loads(asked.stdout)}
        wrong = [f"{one} gets through" for one in sorted(reached - set(expected))]
        wrong += [f"{one} does not get through" for one in sorted(set(expected) - reached)]
        if self.spoilt:
            return "" if wrong else "no try has found it"
        return f"{len(wrong)} of {len(self.tries)} tries: {'; '.join(wrong[:6])}" if wrong else ""


def clusters() -> list[str]:
    """Those that tests/evaluate/defined.nix defines: every generated tree, and what is written by hand."""
    return ["repository", *sorted(tree.parent.name for tree in TESTS.glob("specs/*/hosts")), BY_HAND]


def tests(cluster: str, name: str, spoilt: bool = False) -> Iterator[Result]:
    """Those of a cluster's hosts, as tests/evaluate/defined.nix says what they are, or those of what is made wrong."""
    require("nft", "ip", "bash")
    require_namespaces()
    hosts = nix.evaluate_file("defined.nix", attribute=f'.clusters."{cluster}"')
    found = [one for one in cases(cluster, hosts) if one.spoilt == spoilt]
    assert found, f"no rule of {cluster} can be made wrong"
    chosen = [one for one in found if name in one.name]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for one, problem in zip(chosen, pool.map(Case.problem, chosen), strict=True):
            yield judged(one.name, problem)


def cases(cluster: str, hosts: dict[str, Any]) -> Iterator[Case]:
    """Those of a cluster's hosts, of which tests/evaluate/defined.nix says this."""
    assert hosts, f"{cluster} has no hosts"
    rows = matrix(cluster, hosts)
    every = [address for host in hosts.values() for address in host["addresses"]]
    for name, host in hosts.items():
        own = [row for row in rows if row["host"] == name]
        guarded = Host(host["addresses"], host["ruleset"], host["ssh"], own)
        yield Case(
            f"{FIREWALL}{cluster}: {name} is open to whom the matrix says",
            guarded,
            guarded.tries(rows, every),
        )
        if cluster == BY_HAND:
            yield from spoilt(guarded, guarded.tries(rows, every))


def spoilt(host: Host, tries: list[Try]) -> Iterator[Case]:
    for what, ruleset in mutations(host.ruleset):
        yield Case(f"{FIREWALL}it is found that {what}", replace(host, ruleset=ruleset), tries, spoilt=True)


def matrix(cluster: str, hosts: dict[str, Any]) -> list[Row]:
    """What `kafnix show firewall` prints. A host that is written by hand has no spec."""
    spec = ROOT / "cluster.json" if cluster == "repository" else TESTS / "specs" / cluster / "cluster.json"
    if spec.exists():
        command = [cargo.KAFNIX, "show", "firewall", spec, "--message-format", "json"]
        return list(json.loads(subprocess.check_output(command)))
    return [row for host in hosts.values() for row in host["rows"]]
