"""Which nix and which nixpkgs the tests evaluate with. KAFNIX_NIX names a folder with a `nix` that is put before
those on PATH, KAFNIX_NIXPKGS a folder with a whole nixpkgs of NixOS 25.11 or newer."""

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .machine import TESTS, has, require
from .processes import run
from .results import Skipped

# A distribution's own nix may be too old for a nixpkgs of today, which asks for 2.18.
FOLDER = Path(os.environ.get("KAFNIX_NIX", Path.home() / ".cache" / "nix-trixie" / "bin"))
TREE = Path(os.environ.get("KAFNIX_NIXPKGS", Path.home() / ".cache" / "nixpkgs-2026"))
# A nix that was just installed has no users to build as and no key of a cache; it evaluates only. What it writes to
# the store is for this run alone.
CONFIGURATION = "experimental-features = nix-command flakes\nbuild-users-group =\nfsync-metadata = false\n"
# What an evaluation of some hosts takes. Below it nothing is collected, which would take a third of its time.
MEMORY = 5 << 30
HEAP = {"GC_INITIAL_HEAP_SIZE": str(MEMORY - (1 << 30))}


def environment() -> Mapping[str, str]:
    path = os.environ["PATH"]
    if (FOLDER / "nix").exists():
        path = f"{FOLDER}:{path}"
    return {**HEAP, "PATH": path, "NIX_CONFIG": f"{os.environ.get('NIX_CONFIG', '')}\n{CONFIGURATION}"}


@cache
def has_nix() -> bool:
    return (FOLDER / "nix").exists() or has("nix")


def require_nix() -> None:
    if not has_nix():
        require("nix")


def nix(*arguments: str | Path, limit: float | None = None) -> str:
    """What nix prints; an error with what it says where it fails."""
    status, said = run(["nix", *arguments], environment=environment(), limit=limit, apart=True)
    if status != 0:
        raise EvaluationError(reason(said))
    return said


class EvaluationError(Exception):
    pass


def reason(said: str) -> str:
    """The first error of what nix has said, without its warnings and traces."""
    lines = [line for line in said.splitlines() if not line.startswith(("warning:", "trace:"))]
    first = next((number for number, line in enumerate(lines) if line.startswith("error")), max(0, len(lines) - 3))
    return "\n".join(lines[first : first + 13])


def evaluate(expression: str) -> Any:
    """An expression as data. Nothing is written to the store, which would take longer than the evaluation."""
    return json.loads(nix("eval", "--read-only", "--json", "--impure", "--expr", expression))


def evaluate_file(file: str, arguments: str = "", attribute: str = "", writes: bool = False) -> Any:
    """A file of tests/evaluate with the nixpkgs of this machine, as data."""
    expression = f"(import {TESTS}/evaluate/{file} {{ {nixpkgs()} {arguments} }}){attribute}"
    if writes:
        return json.loads(nix("eval", "--json", "--impure", "--expr", expression))
    return evaluate(expression)


@cache
def nixpkgs() -> str:
    """The argument of Nix that names it."""
    require_nix()
    # the tree first: it is asked for, or laid out on purpose
    argument = f'nixpkgs = "{TREE}";' if (TREE / "flake.nix").exists() else ""
    expression = f"(import {TESTS}/evaluate/nixpkgs.nix {{ {argument} }}).lib.version"
    quick = ["--option", "connect-timeout", "5", "--option", "download-attempts", "1"]
    try:
        nix("eval", "--impure", "--raw", *quick, "--expr", expression, limit=300)
    except EvaluationError:
        raise Skipped("there is no nixpkgs to evaluate with") from None
    return argument


def derivations(paths: list[str]) -> dict[str, Any]:
    """Path → derivation, of those in these files."""
    try:
        return dict(json.loads(nix("derivation", "show", *paths)))
    except EvaluationError:
        # the name that it had before Nix 2.7
        return dict(json.loads(nix("show-derivation", *paths)))
