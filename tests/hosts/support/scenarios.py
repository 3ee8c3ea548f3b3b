"""Which scenarios there are, and what each says of itself in constants: on whose hosts it runs, whether these can be
switched, and whether it leaves them as it found them."""

import ast
import json
from pathlib import Path
from typing import Any

from . import evaluated

TESTS = Path(__file__).resolve().parents[2]
SCENARIOS = TESTS / "scenarios"
# The tests of the driver itself, on hosts that have no server.
OWN = TESTS / "hosts" / "self"
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
    }
    for number, name in enumerate(("one", "other"), 1)
}


def constant(scenario: Path, name: str, default: str) -> str:
    """What a scenario says of itself, without running it."""
    for node in ast.parse(scenario.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return str(ast.literal_eval(node.value))
    return default


def cluster(scenario: Path) -> str:
    """Whose hosts it runs on: those of the repository, or of one of tests/specs."""
    return constant(scenario, "CLUSTER", "repository")


def switches(scenario: Path) -> bool:
    """Whether its hosts can be switched to a changed configuration while they run."""
    return constant(scenario, "SWITCHES", "") == "True"


def is_harmless(scenario: Path) -> bool:
    """Whether the next one can run on the same hosts, without another boot."""
    return constant(scenario, "HARMLESS", "") == "True"


def groups(scenarios: list[Path]) -> list[list[Path]]:
    """Those that share their hosts: all harmless ones, and each other one for itself."""
    harmless = [scenario for scenario in scenarios if is_harmless(scenario)]
    return [group for group in (harmless, *([one] for one in scenarios if one not in harmless)) if group]


def documents() -> list[str]:
    """What its hosts are made of, of every scenario."""
    names = {cluster(scenario) for scenario in chosen("")} - {"bare"}
    return sorted(names | {f"{cluster(scenario)}-changed" for scenario in chosen("") if switches(scenario)})


def chosen(name: str) -> list[Path]:
    """Those of this name, but for what virtual machines alone can show."""
    scenarios = [path for folder in (OWN, SCENARIOS) for path in sorted(folder.glob("*.py")) if name in path.stem]
    return [path for path in scenarios if constant(path, "ONLY", "") != "vms"]


def document(name: str) -> dict[str, Any]:
    return BARE if name == "bare" else dict(json.loads(evaluated.committed(name).read_text()))
