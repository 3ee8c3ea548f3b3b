"""Tier 4: systemd machines that boot what NixOS makes of the generated hosts, and the firewall of each host, port by
port. Each work is in namespaces of its own, and its hosts, disks and networks are gone with it, however it ends."""

import shutil
from collections.abc import Iterator, Sequence
from functools import partial

from .. import cargo, child, leftovers, nix, runtimes
from ..firewall import cases
from ..hosts import cgroups, class_data, ready, remains
from ..hosts.stay import STAY
from ..results import Result
from ..scenarios import Scenario, of_hosts
from ..schedule import GIB, Work
from . import evaluation

# Hosts that take longer hang, on a machine that does much else, too.
LIMIT = 1800
NAMESPACES = ["--mount"]


def works(name: str) -> list[Work]:
    chosen = [scenario for scenario in of_hosts() if name in scenario.name]
    return [
        *(
            Work(
                "hosts",
                group[0].name,
                partial(run, group),
                [
                    class_data.MADE,
                    cargo.BUILT,
                    *([runtimes.JAVA_8] if ready.needs_old_java(group[0]) else []),
                ],
                # a world of hosts waits more than it works; those that stay are entered by their names
                cores=100 if STAY else 0.3,
                memory=3 * GIB,
                tests=[scenario.name for scenario in group],
                long=group[0].long,
            )
            for group in groups(chosen)
        ),
        *(firewall(cluster, name) for cluster in cases.clusters()),
        firewall(cases.BY_HAND, name, spoilt=True),
        Work(
            "hosts",
            leftovers.NAME,
            leftovers.tests,
            [ready.PREPARED, cargo.LAUNCHER_BUILT],
            memory=2 * GIB,
            tests=[leftovers.NAME],
        ),
    ]


def firewall(cluster: str, name: str, spoilt: bool = False) -> Work:
    own = "it is found that" if spoilt else "" if cluster == cases.BY_HAND else cluster
    return Work(
        "hosts",
        f"firewall of {cluster}{', made wrong' if spoilt else ''}",
        partial(cases.tests, cluster, name, spoilt),
        [evaluation.NIXPKGS, cargo.BUILT],
        memory=nix.MEMORY,
        prefix=f"{cases.FIREWALL}{own}",
        long=spoilt,
    )


def groups(scenarios: Sequence[Scenario]) -> list[list[Scenario]]:
    """Those that share their hosts: all harmless ones, and each other one for itself."""
    harmless = [scenario for scenario in scenarios if scenario.harmless]
    return [group for group in (harmless, *([one] for one in scenarios if not one.harmless)) if group]


def run(group: Sequence[Scenario]) -> Iterator[Result]:
    told = child.begin("hosts", remains.PREFIX, group, None if STAY else LIMIT, NAMESPACES)
    cgroups.remove(told.folder.name)
    shutil.rmtree(told.folder, ignore_errors=True)
    for result in told.results:
        # what its hosts have said of one that passed is for those who ask for it
        yield Result(result.name, result.outcome, result.why or told.said, result.seconds)
