"""What cargo builds and tests."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .machine import ROOT, has, require
from .processes import run
from .results import Result, failed, judged, ok, skipped
from .schedule import GIB, Work

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# where somebody else has built kafnix and kafnix-launch
GIVEN = os.environ.get("KAFNIX_PROGRAMS")
PROGRAMS = Path(GIVEN) if GIVEN else TARGET / "debug"
KAFNIX = PROGRAMS / "kafnix"
LAUNCHER = PROGRAMS / "kafnix-launch"
LOCKED = ["--workspace", "--locked"]
# Clippy as the compiler of the workspace: it says what it has to say while it builds what the tests run, and nothing is
# compiled twice. Cargo says it again with each build that finds the work done.
DRIVER = "clippy-driver"
CLIPPY = "clippy has nothing to say"
BARE = "kafnix builds without its commands for servers"
LICENCES = "licences and sources are those that deny.toml allows"
# of libtest
LINE = re.compile(r"^test (.+?) \.\.\. (ok|FAILED|ignored)(?:, (.*))?$", re.MULTILINE)
SUM = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE)
SECTION = re.compile(r"^---- (.+?) stdout ----\n(.*?)(?=^---- |^failures:$)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Binary:
    """A program with tests."""

    name: str
    program: Path
    # of its package
    folder: Path


def build(program: str) -> Iterator[Result]:
    if GIVEN:
        return
    require("cargo")
    # All of the workspace, and the examples, of which there is none: so that nothing is built again for the tests,
    # with the features that these alone ask for.
    status, said = cargo("build", "--quiet", "--examples", "--bin", program)
    if status != 0:
        yield failed(f"{program} builds", said)


def cargo(command: str, *arguments: str, apart: bool = False) -> tuple[int, str]:
    environment = {"RUSTC_WORKSPACE_WRAPPER": DRIVER} if has(DRIVER) else {}
    return run(["cargo", command, *LOCKED, *arguments], environment=environment, folder=ROOT, apart=apart)


def unit_tests(name: str) -> Iterator[Result]:
    """All tests that cargo knows of, those whose name contains this one."""
    require("cargo")
    messages = build_tests()
    if name in CLIPPY:
        yield judged(CLIPPY, "\n".join(warnings(messages))) if has(DRIVER) else skipped(CLIPPY, f"there is no {DRIVER}")
    found = False
    for binary in binaries(messages):
        for result in tests_of(binary, name):
            found = True
            yield result
    if not found and not name:
        yield failed("the tests of the code", "there is none")


def build_tests() -> list[Any]:
    """What cargo says of it, as it is documented in its book, "External tools"."""
    status, said = cargo("test", "--all-targets", "--no-run", "--message-format=json", apart=True)
    messages = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    if status != 0:
        raise AssertionError("\n".join(["the tests of the code do not build:", *(warnings(messages) or [said])]))
    return messages


def warnings(messages: list[Any]) -> list[str]:
    found = [message["message"] for message in messages if message["reason"] == "compiler-message"]
    # a library is compiled once more with its tests
    return list(dict.fromkeys(message["rendered"] for message in found if message["level"] in ("warning", "error")))


def binaries(messages: list[Any]) -> list[Binary]:
    found = []
    for artifact in messages:
        target = artifact.get("target", {})
        if artifact.get("executable") and artifact["profile"]["test"] and "bench" not in target["kind"]:
            folder = Path(artifact["manifest_path"]).parent
            own = target["name"] if "test" in target["kind"] else target["kind"][0]
            found.append(Binary(f"{folder.name} {own}", Path(artifact["executable"]), folder))
    return sorted(found, key=lambda binary: binary.name)


def tests_of(binary: Binary, name: str) -> Iterator[Result]:
    # a name of the binary itself takes all of its tests
    chosen = [] if name in binary.name else [name]
    # as cargo runs them
    environment = {"CARGO_MANIFEST_DIR": str(binary.folder), "RUST_BACKTRACE": "0"}
    status, said = run([binary.program, *chosen], folder=binary.folder, environment=environment)
    sections = dict(SECTION.findall(said))
    lines = LINE.findall(said)
    for test, outcome, reason in lines:
        full = f"{binary.name}: {test}"
        if outcome == "ignored":
            yield skipped(full, reason or "it is not of the default run")
        else:
            yield judged(full, sections.get(test, said) if outcome == "FAILED" else None)
    if problem := disagreement(status, said, [outcome for _, outcome, _ in lines]):
        yield failed(f"{binary.name} runs its tests", f"{said}\n{problem}")


def disagreement(status: int, said: str, outcomes: list[str]) -> str:
    """Where the lines of a binary are not what it says of them at its end."""
    own = tuple(outcomes.count(outcome) for outcome in ("ok", "FAILED", "ignored"))
    sums = [tuple(map(int, found)) for found in SUM.findall(said)]
    if sums != [own]:
        return f"it counts {sums}, and has told of {own}"
    return f"it ended with {status}" if (status != 0) != (own[1] > 0) else ""


def formatted() -> Iterator[Result]:
    yield checked("the code is formatted", "cargo", "fmt", "--all", "--check")


def bare() -> Iterator[Result]:
    """Warnings count: what only these commands use is not to be there without them. In a folder of its own: other tests
    run the whole program meanwhile."""
    require("cargo")
    command = ["cargo", "build", "--locked", "--quiet", "-p", "kafnix", "--no-default-features"]
    status, said = run([*command, "--target-dir", TARGET / "bare"], folder=ROOT)
    yield judged(BARE, said or (f"it ended with {status}" if status != 0 else None))


def licences() -> Iterator[Result]:
    require("cargo")
    name = LICENCES
    if run(["cargo", "deny", "--version"], folder=ROOT)[0] != 0:
        # minutes of building, for a check that few changes touch and that takes seconds unoptimised, too
        install = ["cargo", "install", "cargo-deny", "--locked", "--quiet", "--debug"]
        status, said = run(install, environment={"CARGO_PROFILE_DEV_DEBUG": "0"})
        if status != 0:
            yield failed(name, said)
            return
    yield checked(name, "cargo", "deny", "check", "bans", "licenses", "sources")


def checked(name: str, *command: str | Path) -> Result:
    """A test that is a command: 0 is good, 77 a skip whose reason is what it says last."""
    status, said = run(command, folder=ROOT)
    if status == 77:
        return skipped(name, (said.strip().splitlines() or ["it does not say why"])[-1])
    return ok(name) if status == 0 else failed(name, f"{said}\nit ended with {status}")


LAUNCHER_BUILT = Work("", "kafnix-launch is built", partial(build, "kafnix-launch"), cores=1.5, memory=2 * GIB)
# cargo does one thing at a time in its folder
BUILT = Work("", "kafnix is built", partial(build, "kafnix"), [LAUNCHER_BUILT], cores=1.5, memory=2 * GIB)
