"""What NixOS makes of the hosts of a cluster, as a document that needs no nixpkgs to be read: a store
path in it has no hash, and no version where it is one of NixOS's own packages."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import nix
from .machine import TESTS
from .results import Result, judged
from .scenarios import of_hosts

DOCUMENTS = TESTS / "evaluate" / "documents"
STORE_PATH = re.compile(r"/nix/store/[0-9a-z]{32}-([A-Za-z0-9+._?=-]+)")
# What kafnix pins keeps its version, and what a build makes of it.
PINNED = re.compile(r"(kafka|zookeeper)-\d+\.\d+\.\d+(-class-data)?")
DIGEST = re.compile(r"KAFNIX_UNIT=([0-9a-f]{64})")
CHANGED = "-changed"
# how the name of an archive ends
CLASS_DATA = "-class-data"
# Hosts without a server, for the tests of what drives them.
BARE = {
    name: {
        "hostName": name,
        "jdk": "17",
        "addresses": [f"10.0.0.{number}"],
        "fstab": ["/dev/disk/by-label/data /data xfs defaults,nofail"],
        **{part: {} for part in ("etc", "units", "users", "groups", "store", "tools", "checks")},
        "tmpfiles": [],
        "udev": "",
        "card": "eth0",
        "guard": "",
    }
    for number, name in enumerate(("one", "other"), 1)
}


def names() -> list[str]:
    """Of every cluster that a scenario has hosts of, and with a change, where it switches them."""
    found = {scenario.cluster for scenario in of_hosts()} - {"bare"}
    return sorted(found | {f"{scenario.cluster}{CHANGED}" for scenario in of_hosts() if scenario.switches})


def committed(name: str) -> Path:
    return DOCUMENTS / f"{name}.json"


def read(name: str) -> dict[str, Any]:
    return BARE if name == "bare" else dict(json.loads(committed(name).read_text()))


def fresh(name: str) -> Iterator[Result]:
    file = committed(name)
    same = file.exists() and file.read_text() == made(name)
    claim = f"{file.relative_to(TESTS.parent)} is what the modules make of the hosts"
    yield judged(claim, None if same else "run tests/run write, and look at what it changes")


def write(name: str) -> None:
    committed(name).write_text(made(name))


def made(name: str) -> str:
    cluster = name.removesuffix(CHANGED)
    change = "null" if cluster == name else '"changed"'
    found = nix.evaluate_file("document.nix", f'cluster = "{cluster}"; change = {change};', writes=True)
    texts = texts_of(found["derivations"])
    hosts = {host: normalised(whole(of, texts)) for host, of in found["document"].items()}
    return json.dumps(hosts, indent=1, sort_keys=True) + "\n"


def texts_of(derivations: list[str]) -> dict[str, str]:
    """Output path → text, of those that are one file of text and those that a script builds."""
    texts: dict[str, str] = {}
    seen: set[str] = set()
    while derivations:
        shown = nix.derivations(derivations)
        seen.update(derivations)
        derivations = []
        for derivation in shown.values():
            env = derivation["env"]
            if text := env.get("text") or (env.get("buildCommand") if is_script(env["out"]) else None):
                texts[env["out"]] = text
                derivations += [used for used in derivation["inputDrvs"] if hosts_read(used)]
        derivations = list(set(derivations) - seen)
    return texts


def is_script(path: str) -> bool:
    """Whether hosts run what builds it, or the tests do."""
    return "-kafka-tools-" in path or path.endswith(("-zookeeper-config-check", "-kafka-config-check", CLASS_DATA))


def hosts_read(derivation: str) -> bool:
    """Whether it may be a text that another text names, and that hosts read."""
    named = ("-kafka-tool.drv", "-nftables-deletions.drv", "-60-nixos.conf.drv", "-etc-kafnix-generation.json.drv")
    return derivation.endswith(named)


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
    text = plain(json.dumps(host))
    plain_host = json.loads(text)
    for unit in plain_host["units"].values():
        if found := DIGEST.search(unit["text"]):
            text = text.replace(found[1], digest(unit["text"].replace(found[1], ""), plain_host["store"]))
    return dict(json.loads(text))


def digest(unit: str, store: dict[str, str]) -> str:
    """What stands for the digest that NixOS gives a unit, which knows the hashes of its store paths: it is of their
    texts instead."""
    ignored = ("Description=", "Documentation=")
    lines = [line for line in unit.partition("[Install]")[0].splitlines() if not line.startswith(ignored)]
    named = [text for path, text in sorted(store.items()) if re.search(rf"{re.escape(path)}(?![\w.+-])", unit)]
    return hashlib.sha256("\n".join(lines + named).encode()).hexdigest()


def plain(text: str) -> str:
    def name(match: re.Match[str]) -> str:
        whole_name = match.group(1)
        pinned = PINNED.fullmatch(whole_name)
        return "/nix/store/" + (whole_name if pinned else re.sub(r"-\d[0-9A-Za-z.+_-]*$", "", whole_name))

    return STORE_PATH.sub(name, text)
