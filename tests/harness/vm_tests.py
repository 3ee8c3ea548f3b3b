"""The NixOS tests of the scenarios, evaluated. Of each it is proved, by its derivations and by running its script with
scenarios that only say that they were called, that its driver runs its own scenario; and the script is checked as the
driver checks it, with the versions of `ty` and `ruff` that NixOS has."""

import json
import re
import shutil
import sys
import tempfile
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from . import nix
from .machine import CACHE, TESTS, require_venv
from .processes import run
from .results import Result, Skipped, judged, skipped

SCENARIOS = TESTS / "scenarios"
CHECKS = CACHE / "driver-checks"
# of nixpkgs in July 2026
VERSIONS = ["ty==0.0.54", "ruff==0.15.20"]
CHOICE = "KAFNIX_SCENARIO"


def tests(every_cluster: bool) -> Iterator[Result]:
    made = nix.evaluate_file("vm-tests.nix", f"everyCluster = {str(every_cluster).lower()};", writes=True)
    for test in made["tests"]:
        yield judged(f"VM tests: {test['name']}", test["problem"])
    scripts = set()
    for name, test in made["derivations"].items():
        problem, script = own_script(test)
        yield judged(f"{name} is given its own script", problem)
        scripts.add(("qemu" if name.startswith("VM") else "nspawn", script))
    name = "VM tests: the test driver's type check and lint have nothing to say"
    try:
        install_checks()
    except Skipped as reason:
        yield skipped(name, str(reason))
    else:
        said = [check(kind, script, Path(made["driver"])) for kind, script in sorted(scripts)]
        yield judged(name, "; ".join(filter(None, said)))


@cache
def derivation(path: str) -> dict[str, Any]:
    """The derivation in this file."""
    return dict(next(iter(nix.derivations([path]).values())))


def used(by: dict[str, Any], what: str) -> dict[str, Any]:
    """The one derivation that another one uses whose name has these words."""
    found = [path for path in by["inputDrvs"] if what in path]
    assert len(found) == 1, f"{found} for {what}"
    return derivation(found[0])


def own_script(test: dict[str, Any]) -> tuple[str, str]:
    """Why this test does not run its own scenario, or nothing; and the script of its driver."""
    built = derivation(test["drvPath"])
    driver = used(built, "-nixos-test-driver-kafnix.drv")
    if f"{driver['env']['out']}/bin/nixos-test-driver" not in built["env"]["buildCommand"]:
        return "it does not run the driver that it uses", ""
    configuration = used(driver, "-driverConfiguration.json.drv")
    if f"--config {configuration['env']['out']}" not in driver["env"]["buildCommand"]:
        return "the driver does not read the configuration that it uses", ""
    settings = json.loads(configuration["env"]["__json"])["value"]
    text = used(configuration, "-test-script.drv")
    if settings["test_script"] != text["env"]["out"]:
        return "the driver's configuration names another script", ""
    script = text["env"]["text"]
    machines = [*settings["vms"], *settings["containers"]]
    chosen = built["env"].get(CHOICE)
    called = calls(script, chosen, machines)
    expected = [(test["scenario"], len(machines))]
    if len(machines) != test["machines"] or called != expected:
        return f"with {CHOICE}={chosen} and {machines} its script calls {called}, not {expected}", script
    return "", script


def calls(script: str, chosen: str | None, machines: list[str]) -> list[tuple[str, int]]:
    """Which scenarios the script calls, and with how many machines."""
    called: list[tuple[str, int]] = []

    def stand_in(name: str, *_: object) -> types.SimpleNamespace:
        if name == "os":
            return types.SimpleNamespace(environ={CHOICE: chosen} if chosen else {})
        own = name.rsplit(".", 1)[1]
        return types.SimpleNamespace(scenario=lambda *given: called.append((own, len(given))))

    given = {python_name(name): object() for name in machines}
    exec(compile(script, "script", "exec"), {"__builtins__": {"__import__": stand_in}, **given})
    return called


def python_name(name: str) -> str:
    return re.sub(r"[^A-z0-9_]", "_", re.sub(r"^[^A-z_]", "_", name))


def install_checks() -> None:
    """What checks scripts, once per machine."""
    if all((CHECKS / "bin" / tool).exists() for tool in ("ty", "ruff")):
        return
    require_venv()
    shutil.rmtree(CHECKS, ignore_errors=True)
    for command in ([sys.executable, "-m", "venv", CHECKS], [CHECKS / "bin" / "pip", "install", "--quiet", *VERSIONS]):
        status, said = run(command)
        if status != 0:
            shutil.rmtree(CHECKS, ignore_errors=True)
            last = (said.strip().splitlines() or ["no reason"])[-1]
            raise Skipped(f"{' '.join(VERSIONS)} cannot be installed: {last}")


def check(kind: str, script: str, driver: Path) -> str:
    """What the driver's checks say of a script for machines of this kind, as the build of the driver runs them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = folder / "site"
        shutil.copytree(driver / "test-driver/src/test_driver", site / "test_driver")
        shutil.copytree(SCENARIOS, site / "scenarios")
        (site / "scenarios/helpers").rename(site / "helpers")
        (site / "scenarios/py.typed").touch()
        # as the framework writes the types of the machines
        machines = re.findall(r"\w+", script.rsplit("(", 1)[1])
        typed = [(driver / "test-script-prepend.py").read_text()]
        typed += [f"{name} = create_fake_{kind}_machine()" for name in machines]
        file = folder / "testScriptWithTypes"
        file.write_text("\n".join([*typed, script]))
        problems = ""
        for command in (
            [CHECKS / "bin/ty", "check", "--extra-search-path", site, file],
            [CHECKS / "bin/ruff", "check", "--select", "F", file, *(SCENARIOS.rglob("*.py"))],
        ):
            status, said = run(command, environment={"PYTHONPATH": str(site)}, folder=folder)
            problems += said if status != 0 else ""
        return problems[:3000]
