"""What NixOS makes of the hosts of a cluster, as a document that needs no nixpkgs to be read: a store
path in it has no hash, and no version where it is one of NixOS's own packages."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[2]
DOCUMENTS = TESTS / "hosts" / "evaluated"

# What it writes to the store is for this run alone.
NIX = ["nix", "--extra-experimental-features", "nix-command flakes", "--option", "fsync-metadata", "false"]
STORE_PATH = re.compile(r"/nix/store/[0-9a-z]{32}-([A-Za-z0-9+._?=-]+)")
# What kafnix pins keeps its version.
PINNED = re.compile(r"(kafka|zookeeper)-\d+\.\d+\.\d+")


def nixpkgs() -> str | None:
    """The argument that names the nixpkgs to evaluate with, where there is one."""
    choose = 'choose_nixpkgs >&2 && printf "%s\\n" "$nixpkgs" "$PATH"'
    chosen = subprocess.run(
        ["bash", "-c", f"source {TESTS}/evaluate/choose-nixpkgs; {choose}"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if chosen.returncode != 0:
        return None
    # the nix that reads it
    arguments, os.environ["PATH"] = chosen.stdout.splitlines()
    return arguments


def evaluate(file: str, arguments: str, attribute: str = "") -> Any:
    """What an expression of tests/evaluate is, as data."""
    expression = f"(import {TESTS}/evaluate/{file} {{ {arguments} }}){attribute}"
    return json.loads(subprocess.check_output([*NIX, "eval", "--impure", "--json", "--expr", expression]))


def committed(name: str) -> Path:
    return DOCUMENTS / f"{name}.json"


def document(arguments: str, name: str) -> str:
    """The document as it is committed: of a cluster, or of one with a change, as in `repository-changed`."""
    cluster, change = (name.removesuffix("-changed"), '"changed"') if name.endswith("-changed") else (name, "null")
    made = evaluate("document.nix", f'{arguments} cluster = "{cluster}"; change = {change};')
    texts = texts_of(made["derivations"])
    hosts = {name: normalised(whole(host, texts)) for name, host in made["document"].items()}
    return json.dumps(hosts, indent=1, sort_keys=True) + "\n"


def texts_of(derivations: list[str]) -> dict[str, str]:
    """Output path → text, of those that are one file of text and those that a script builds."""
    texts: dict[str, str] = {}
    seen: set[str] = set()
    while derivations:
        shown = show(derivations)
        seen.update(derivations)
        derivations = []
        for derivation in shown.values():
            env = derivation["env"]
            if text := env.get("text") or (env.get("buildCommand") if is_script(env["out"]) else None):
                texts[env["out"]] = text
                derivations += [used for used in derivation["inputDrvs"] if of_hosts(used)]
        derivations = list(set(derivations) - seen)
    return texts


def is_script(path: str) -> bool:
    """Whether hosts run what builds it."""
    return "-kafka-tools-" in path or path.endswith(("-zookeeper-config-check", "-kafka-config-check"))


def of_hosts(derivation: str) -> bool:
    """Whether it may be a text that another text names, and that hosts read."""
    return derivation.endswith(("-kafka-tool.drv", "-nftables-deletions.drv", "-60-nixos.conf.drv"))


def show(derivations: list[str]) -> dict[str, Any]:
    for command in (["derivation", "show"], ["show-derivation"]):
        shown = subprocess.run([*NIX, *command, *derivations], capture_output=True, text=True, check=False)
        if shown.returncode == 0:
            return dict(json.loads(shown.stdout))
    raise RuntimeError(f"nix shows no derivation: {shown.stderr}")


def whole(host: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """The host with the texts that it names, and those that they name."""
    named: dict[str, str] = {}
    paths = set(re.findall(r"/nix/store/[0-9a-z]{32}-[A-Za-z0-9+._?=-]+", json.dumps(host)))
    while paths:
        path = paths.pop()
        if path in texts and path not in named:
            named[path] = texts[path]
            paths.update(match.group(0) for match in STORE_PATH.finditer(texts[path]))
    return {**host, "store": named}


def normalised(host: dict[str, Any]) -> dict[str, Any]:
    texts = [plain(path) for path in host["store"]]
    assert len(set(texts)) == len(texts), f"two texts of a host have one name: {sorted(texts)}"
    return dict(json.loads(plain(json.dumps(host))))


def plain(text: str) -> str:
    def name(match: re.Match[str]) -> str:
        whole_name = match.group(1)
        pinned = PINNED.fullmatch(whole_name)
        return "/nix/store/" + (whole_name if pinned else re.sub(r"-\d[0-9A-Za-z.+_-]*$", "", whole_name))

    return STORE_PATH.sub(name, text)
