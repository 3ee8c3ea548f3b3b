"""run [quick|long|write] [TIER…] [NAME]: runs the tests that this machine can: all but the long ones, those of these
tiers, those whose name contains NAME (without a tier: the scenarios and commands among them). A tier is named by its
number or its word: 1 code, 2 evaluation, 3 local, 4 hosts, 5 vms. `quick` runs what tells most in a few minutes. `long`
runs the scenarios that are not of the others, and `mutations`: they break what the tests guard, and expect them to
fail. Where CI is set, a run of all tiers has a part of the long ones. `write` makes anew what is committed of an
evaluation. The exit status is 0 when something ran and all of it passed, 1 when a test failed, 2 when no test has that
name, 77 when nothing ran. What is skipped counts as nothing."""

import os
import signal
import sys
from collections.abc import Iterable

from . import mutations, part, processes, report, schedule
from .hosts import ready, remains
from .machine import NO_NAMESPACES, proves_every_change
from .results import Outcome, failed
from .schedule import Told, Work
from .tiers import code, evaluation, hosts, local, vms

# word → what it is on, in the order of their numbers
TIERS = {
    "code": "code",
    "evaluation": "every host, image and VM, evaluated",
    "local": "servers of kafnix local",
    "hosts": "systemd machines",
    "vms": "NixOS VMs",
    mutations.TIER: "what the tests guard, broken",
}
WORDS = list(TIERS)


def main(arguments: list[str]) -> int:
    mode = arguments.pop(0) if arguments and arguments[0] in ("quick", "long", "write") else ""
    tiers = []
    while arguments and (tier := tier_of(arguments[0])):
        tiers.append(tier)
        arguments.pop(0)
    if len(arguments) > 1 or (arguments and (arguments[0].startswith("-") or arguments[0].isdigit())):
        print(f"usage: tests/{__doc__}", file=sys.stderr)
        return report.NO_SUCH_TEST
    [name] = arguments or [""]
    if mode == "write":
        evaluation.write(name)
        return 0
    return run(choose(mode, tiers, name), name)


def tier_of(word: str) -> str:
    return WORDS[int(word) - 1] if word in ("1", "2", "3", "4", "5") else word if word in WORDS else ""


def choose(mode: str, tiers: list[str], name: str) -> list[Work]:
    works = [work for tier in tiers or WORDS for work in works_of(tier, name)]
    long = [work for work in works if work.long]
    match mode:
        case "quick":
            return [work for work in works if work.quick]
        case "long":
            return long
    if tiers and name:
        return works
    if name:
        # the tests of the others are known only when they run
        return [work for work in works if work.tier != mutations.TIER and (work.tests or work.prefix)]
    usual = [work for work in works if not work.long]
    if tiers or not proves_every_change():
        return usual
    chosen = part.of_commit(long)
    print(f"of the long tests, this commit has: {'; '.join(work.name for work in chosen)}", flush=True)
    return usual + chosen


def run(chosen: list[Work], name: str) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    processes.sweep(local.PREFIX)
    remains.sweep()
    before = remains.huge_pages()
    tiers = [tier for tier in TIERS if any(work.tier == tier for work in chosen)]
    told = report.Report({tier: TIERS[tier] for tier in tiers}, "KAFNIX_TELL" in os.environ)
    try:
        for event in schedule.do(ordered(schedule.closure(chosen)), schedule.room()):
            if not isinstance(event, Told) or not event.work.tier or name in event.result.name:
                told.hear(event)
    finally:
        remains.restore(before)
    proves_nothing(told, tiers, name)
    told.summary()
    status = told.status(named=bool(name))
    if status == report.NO_SUCH_TEST:
        print(f"tests/run: no test that was asked for has `{name}` in its name", file=sys.stderr)
    return status


def works_of(tier: str, name: str) -> Iterable[Work]:
    match tier:
        case "code":
            works = code.works(name)
        case "evaluation":
            works = evaluation.works()
        case "local":
            works = local.works()
        case "hosts":
            works = hosts.works(name)
        case mutations.TIER:
            works = mutations.works()
        case _:
            works = vms.works(name)
    return [work for work in works if work.may_have(name)]


def ordered(works: list[Work]) -> list[Work]:
    """What others wait for comes first, and of these what takes the most; then what the end of a run is not to wait
    for; then the rest, of all tiers alike: hosts wait most of their time, and an evaluation works all of it."""
    needed = {need for work in works for need in work.needs}
    first = [mutations.TIER, "code"]
    tiers = {tier: [work for work in works if work.tier == tier] for tier in {work.tier for work in works}}

    def place(work: Work) -> tuple[int, float]:
        if work in needed:
            return 0, -work.cores
        if work.tier in first:
            return 1, first.index(work.tier)
        own = tiers[work.tier]
        return 2, (own.index(work) + 0.5) / len(own)

    return sorted(works, key=place)


def proves_nothing(told: report.Report, tiers: list[str], name: str) -> None:
    """Where every change is proved, a run without hosts proves nothing on a machine that could have them."""
    if "hosts" not in tiers or name or not proves_every_change() or told.count(Outcome.OK, "hosts"):
        return
    reasons = {result.why for result in told.results["hosts"]}
    if not any(ready.NO_ROOT in reason or NO_NAMESPACES in reason for reason in reasons):
        told.hear(Told(Work("hosts", "", list), failed("hosts run where they can", f"they did not: {reasons}")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
