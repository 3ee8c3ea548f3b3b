"""Tier 3: the cluster of a spec as `kafnix local` runs it. Each scenario runs on real servers in a network and a
process namespace of its own: it sees no other server of this machine, and nothing that it starts outlives it."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .. import cargo, child, products, runtimes
from ..machine import require, require_namespaces
from ..processes import RUNNING
from ..results import Outcome, Result, failed
from ..scenarios import EVERYWHERE, Scenario, local
from ..schedule import GIB, Work

PREFIX = "kafnix-local-"
# What those that failed last have left, to be looked at.
FAILED = cargo.TARGET / "failed-tests"
# A scenario that takes longer than this hangs, on a machine that does much else, too.
LIMIT = 1200
# The scenario of a quick run.
QUICK = "the_cluster_of_the_spec_forms"


def works() -> list[Work]:
    able = Work("", "what local clusters take is here", prepare)
    return [
        Work(
            "local",
            scenario.name,
            partial(run, scenario),
            [able, cargo.BUILT, products.READY],
            [runtimes.JAVA_8],
            cores=0.5,
            memory=2 * GIB,
            tests=[scenario.name],
            quick=scenario.name == QUICK,
            # a usual run has those that run on hosts, too, there alone
            long=scenario.long or scenario.path.parent.name == EVERYWHERE,
        )
        for scenario in local()
    ]


def prepare() -> Iterator[Result]:
    require("mvn")
    runtimes.default()
    require_namespaces()
    yield from ()


def run(scenario: Scenario) -> Iterator[Result]:
    told = child.begin("local", PREFIX, [scenario], LIMIT)
    [result] = told.results
    if result.outcome == Outcome.FAILED and not RUNNING.closed:
        result = failed(result.name, "\n".join([*ends_of_logs(told.folder), result.why]), result.seconds)
        shutil.rmtree(FAILED / result.name, ignore_errors=True)
        shutil.move(told.folder, FAILED / result.name)
    shutil.rmtree(told.folder, ignore_errors=True)
    yield result


def ends_of_logs(folder: Path) -> Iterator[str]:
    for log in sorted(folder.glob("state/kafnix/*/*/*/*.log")):
        yield f"--- {log.relative_to(folder)}"
        yield "".join(log.read_text(errors="replace").splitlines(True)[-15:])
