"""What kafnix says of a product beside what the product's own classes say: the text of a properties file, and what a
quorum is."""

import json
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import cargo, products
from .machine import TESTS, require
from .processes import Command, run
from .results import Result, judged

ESCAPES = "Java reads every hostile string as it was written"
QUORUMS = "a quorum is what ZooKeeper takes for one"
SPEC = TESTS / "specs/hostile-strings/cluster.json"
FILES = {"zookeeper": "zoo.cfg", "kafka": "server.properties"}
# of the oldest and the newest line
RELEASES = ["zookeeper-3.5.10", "zookeeper-3.9.5"]
CASES = 4000


def escapes() -> Iterator[Result]:
    """The rendered files of the hostile spec, read by the very reader that both products use."""
    require("javac")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        does(["javac", "-d", work, TESTS / "java/Read.java"])
        shown = does([cargo.KAFNIX, "show", "hosts", SPEC, "--message-format", "json"], apart=True)
        host = json.loads(shown)["k1"]
        # numbers keep the text that they have in the spec
        spec = json.loads(SPEC.read_text(), parse_float=str, parse_int=str)
        wrong = []
        for role, file in FILES.items():
            path = work / file
            path.write_text(host[role]["files"][file], encoding="ascii", newline="")
            lines = does(["java", "-cp", work, "Read", path], apart=True).splitlines()
            read = {text(key): text(value) for key, value in (line.split("=") for line in lines)}
            settings = spec[role]["settings"]
            assert settings, f"{SPEC} has no settings of {role}"
            wrong += [
                f"{role}: {key!r} is {read.get(key)!r}, not {plain(value)!r}"
                for key, value in settings.items()
                if read.get(key) != plain(value)
            ]
        yield judged(ESCAPES, "\n".join(wrong))


def plain(value: Any) -> str:
    """A setting as it stands behind the `=`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(plain, value)) if isinstance(value, list) else str(value)


def text(units: str) -> str:
    return bytes.fromhex(units).decode("utf-16-be")


def quorums() -> Iterator[Result]:
    """Random ensembles, groups and weights, read by ZooKeeper's classes and by kafnix."""
    require("javac", "mvn")
    seed = os.environ.get("KAFNIX_SEED") or str(random.randrange(1 << 16))
    products.lay_out(products.DIRECTORY, RELEASES)
    for release in RELEASES:
        with tempfile.TemporaryDirectory() as name:
            problem = disagreement(Path(name), release, seed)
        yield judged(f"{QUORUMS}: {release}", f"{problem}\nwith KAFNIX_SEED={seed}" if problem else None)


def disagreement(work: Path, release: str, seed: str) -> str:
    jars = products.DIRECTORY / release / "lib/*"
    # Nobody asks for the logs of thousands of files that it ends with on purpose.
    (work / "log4j.properties").write_text("log4j.rootLogger=OFF\n")
    (work / "logback.xml").write_text("<configuration/>\n")
    does(["javac", "-cp", jars, "-d", work, TESTS / "java/Quorums.java"])
    oracles = "false" if release.startswith("zookeeper-3.5.") else "true"
    said = does(["java", "-cp", f"{work}:{jars}", "Quorums", seed, str(CASES), oracles], apart=True)
    (work / "said").write_text(said)
    [binary] = [one for one in cargo.binaries(cargo.build_tests()) if one.name == "generator quorums"]
    environment = {"KAFNIX_QUORUMS": str(work / "said"), "KAFNIX_ZOOKEEPER": release.removeprefix("zookeeper-")}
    ignored = ["--ignored", "--exact", "quorums_are_those_of_zookeeper"]
    status, told = run([binary.program, *ignored], folder=binary.folder, environment=environment)
    # A name that no test has would pass as well.
    return "" if status == 0 and "test result: ok. 1 passed" in told else told


def does(command: Command, apart: bool = False) -> str:
    status, said = run(command, apart=apart)
    if status != 0:
        raise AssertionError(f"{command[0]} ended with {status}:\n{said[-3000:]}")
    return said
