"""Which scenarios there are. The folder of a scenario says where it can run; in constants it says on which cluster,
whether its hosts can be switched to a changed configuration, whether it leaves them as it found them, and whether it
is of a long run alone."""

import ast
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .machine import TESTS

FOLDER = TESTS / "scenarios"
EVERYWHERE = "everywhere"
# Where a scenario of each folder runs on the hosts of this harness, or as `kafnix local` on this machine.
ON_HOSTS = ["machines", "hosts", "systemd", EVERYWHERE, "driver"]
LOCALLY = [EVERYWHERE, "local"]


@dataclass(frozen=True)
class Scenario:
    path: Path
    # whose hosts it runs on: those of the repository, or of one of tests/specs
    cluster: str
    # whether its hosts can be switched while they run
    switches: bool
    # whether the next one can run on the same hosts, without another boot
    harmless: bool
    # whether it is of a long run alone
    long: bool

    @property
    def name(self) -> str:
        return self.path.stem

    def load(self) -> tuple[str, Callable[..., None]]:
        """What it claims, and what proves it."""
        spec = importlib.util.spec_from_file_location(self.name, self.path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.__doc__ or "", module.scenario


def scenario(path: Path) -> Scenario:
    """What a scenario says of itself, without running it."""
    said: dict[str, object] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in ("CLUSTER", "SWITCHES", "HARMLESS", "LONG"):
                said[name] = ast.literal_eval(node.value)
    cluster = str(said.get("CLUSTER", "repository"))
    switches, harmless, long = (bool(said.get(name)) for name in ("SWITCHES", "HARMLESS", "LONG"))
    return Scenario(path, cluster, switches, harmless, long)


def listed(folders: Iterable[str]) -> list[Scenario]:
    found = [scenario(path) for folder in folders for path in sorted((FOLDER / folder).glob("*.py"))]
    assert found, f"there is no scenario in {', '.join(folders)} of {FOLDER}"
    return found


def of_hosts() -> list[Scenario]:
    return listed(ON_HOSTS)


def local() -> list[Scenario]:
    return listed(LOCALLY)
