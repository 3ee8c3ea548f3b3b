"""Tier 1: what needs no server: the tests that cargo knows of, lints, licences, the tests of these tests, and the
products' own jars against the key tables, the escapes and what a quorum is."""

import sys
from collections.abc import Iterator, Sequence
from functools import partial

from .. import cargo, java, products
from ..machine import ROOT, TESTS, require
from ..results import Result
from ..schedule import GIB, Work

KEYS = "the tables of keys are those of the products"
VALUES = "what the tables of keys take and refuse is what the products do"
SELF = "the tests fail where they should"


def works(name: str) -> list[Work]:
    # cargo does one thing at a time in its folder
    tests = partial(cargo.unit_tests, name)
    unit_tests = Work("code", "cargo test", tests, after=[cargo.BUILT], cores=1.2, memory=3 * GIB, quick=True)
    return [
        unit_tests,
        Work("code", "format", cargo.formatted, quick=True),
        # of each product the oldest and the newest
        command(KEYS, ROOT / "tools/keys/make", "--check", "2.7.0", "3.9.2", tools=["javac", "mvn"]),
        # The same, by their values, which is minutes for a version.
        command(VALUES, ROOT / "tools/keys/compare", "3.9.2", "3.9.5", tools=["javac", "mvn"], long=True),
        command(SELF, sys.executable, "-B", TESTS / "self" / "run"),
        Work("code", java.ESCAPES, java.escapes, [cargo.BUILT], tests=[java.ESCAPES]),
        Work("code", java.QUORUMS, java.quorums, [products.READY], [unit_tests], prefix=java.QUORUMS),
    ]


def command(name: str, *words: object, tools: Sequence[str] = (), long: bool = False) -> Work:
    def run() -> Iterator[Result]:
        require(*tools)
        yield cargo.checked(name, *map(str, words))

    # cargo does one thing at a time in its folder
    return Work("code", name, run, after=[cargo.BUILT] if long else [], tests=[name], long=long)
