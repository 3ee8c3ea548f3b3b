"""Runs one scenario on a cluster of its own, in the namespaces that the caller has made."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from .. import cargo, child, products, runtimes
from ..machine import ROOT
from ..results import Skipped
from ..scenarios import EVERYWHERE, Scenario
from .cluster import Cluster


def run(folder: Path, scenarios: Sequence[Scenario]) -> int:
    [one] = scenarios
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    cluster = Cluster(folder, cargo.KAFNIX, products.DIRECTORY, runtimes.DEFAULT)
    on = everywhere if one.path.parent.name == EVERYWHERE else locally
    return 0 if child.prove(one, folder, lambda proof: on(proof, one, cluster)) else 1


def locally(proof: Callable[..., None], _: Scenario, cluster: Cluster) -> None:
    proof(cluster)


def everywhere(proof: Callable[..., None], one: Scenario, cluster: Cluster) -> None:
    """What runs on other hosts, too, is given the hosts of the cluster that it names."""
    if one.cluster != "repository":
        cluster.spec = json.loads((ROOT / "tests/specs" / one.cluster / "cluster.json").read_text())
    if cluster.spec.get("versions", {}).get("jdk") == "8":
        if not runtimes.HOME.exists():
            raise Skipped("there is no Java 8, and it cannot be laid out")
        cluster.java_home = runtimes.HOME
    proof(*cluster.machines)
