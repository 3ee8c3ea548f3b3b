"""Which of the long tests a commit has, where every change is proved: all of them have their turn, since a hash is any
number."""

from collections.abc import Sequence

from . import cargo, mutations
from .machine import ROOT
from .processes import run
from .schedule import Work

# One of so many scenarios, and of the mutations one alone.
PARTS = 6


def of_commit(long: Sequence[Work]) -> list[Work]:
    """The licences, too, where the commit changes what is built of."""
    status, commit = run(["git", "rev-parse", "HEAD"], folder=ROOT, apart=True)
    number = int(commit, 16) if status == 0 else 0
    changed = run(["git", "show", "--name-only", "--format=", "HEAD"], folder=ROOT, apart=True)[1].splitlines()
    broken = [work for work in long if work.tier == mutations.TIER]
    scenarios = [work for work in long if work.tier != mutations.TIER]
    licences = [work for work in broken if cargo.LICENCES in work.tests]
    chosen = licences if {"Cargo.lock", "deny.toml"} & set(changed) else [broken[number % len(broken)]]
    return [*chosen, *scenarios[number % PARTS :: PARTS]]
