"""Tier 2: every Nix file parses, is formatted and evaluates; every host, image, VM and VM test does; and what Nix makes
of the text is what kafnix makes of it."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from .. import cargo, documents, impact, module_scripts, nix, vm_tests
from ..machine import ROOT, TESTS
from ..processes import run
from ..results import Result, failed, judged, ok, skipped
from ..schedule import Work

FRESH_OPTIONS = "docs/options.md is what the modules say"


def works() -> list[Work]:
    found = [
        work("syntax", syntax, quick=True),
        work("properties", properties, quick=True),
        work("shell scripts of the modules", module_scripts.tests, quick=True),
        evaluates("VM tests", partial(vm_tests.tests, False)),
        evaluates("VM tests of every cluster", partial(vm_tests.tests, True), memory=2 * nix.MEMORY, long=True),
        evaluates("configurations", configurations),
        evaluates("what a change restarts", impact.tests, [cargo.BUILT]),
    ]
    for cluster in clusters():
        quick = cluster == "repository"
        found.append(evaluates(f"hosts of {cluster}", partial(hosts, cluster), [cargo.BUILT], quick=quick))
        found.append(evaluates(f"images of {cluster}", partial(images, cluster), long=cluster != "repository"))
        found.append(work(f"tree of {cluster}", partial(tree, cluster), needs=[cargo.BUILT], quick=True))
    found += [evaluates(name, partial(documents.fresh, name)) for name in documents.names()]
    return [*found, evaluates(FRESH_OPTIONS, options)]


def work(name: str, run: Callable[[], Iterator[Result]], **options: Any) -> Work:
    return Work("evaluation", name, run, **options)


def evaluates(
    name: str,
    run: Callable[[], Iterator[Result]],
    needs: Sequence[Work] = (),
    memory: int = nix.MEMORY,
    **options: Any,
) -> Work:
    return work(name, run, needs=[NIXPKGS, *needs], memory=memory, **options)


def choose_nixpkgs() -> Iterator[Result]:
    nix.nixpkgs()
    yield from ()


NIXPKGS = Work("", "a nixpkgs is chosen", choose_nixpkgs)


def clusters() -> list[str]:
    return ["repository", *sorted(spec.parent.name for spec in TESTS.glob("specs/*/cluster.json"))]


def spec_of(cluster: str) -> Path:
    return ROOT / "cluster.json" if cluster == "repository" else TESTS / "specs" / cluster / "cluster.json"


def has_tree(cluster: str) -> bool:
    return (spec_of(cluster).parent / "hosts").is_dir()


def nix_files() -> list[Path]:
    """All of the repository; the generator's templates only end in Nix."""
    without = [ROOT / "target", ROOT / ".git", cargo.TARGET, ROOT / "generator/templates"]
    found = [path for path in ROOT.rglob("*.nix") if not any(path.is_relative_to(folder) for folder in without)]
    assert found, "there is no Nix file"
    return found


def syntax() -> Iterator[Result]:
    nix.require_nix()
    files = nix_files()
    # all at once; one by one only to find the culprits
    if run(["nix-instantiate", "--parse", *files], environment=nix.environment())[0] == 0:
        yield ok("every Nix file parses")
    else:
        wrong = [one for one in files if run(["nix-instantiate", "--parse", one], environment=nix.environment())[0]]
        for file in wrong:
            said = run(["nix-instantiate", "--parse", file], environment=nix.environment())[1]
            yield failed(f"{file.relative_to(ROOT)} parses", nix.reason(said))
        if not wrong:
            yield failed("every Nix file parses", "not when all are parsed at once")
    formatted = "every Nix file is formatted"
    if not shutil.which("nixfmt"):
        yield skipped(formatted, "there is no nixfmt here (the tests of the code hold it, too)")
        return
    status, said = run(["nixfmt", "--check", *files])
    yield judged(formatted, said if status != 0 else None)


def properties() -> Iterator[Result]:
    nix.require_nix()
    return told(nix.evaluate(f"import {TESTS}/evaluate/properties.nix"))


def told(tests: list[dict[str, str | None]]) -> Iterator[Result]:
    """What files of tests/evaluate say of their tests."""
    assert tests, "the evaluation has no test"
    for test in tests:
        name = str(test["name"])
        yield skipped(name, str(test["skipped"])) if "skipped" in test else judged(name, test["problem"])


def hosts(cluster: str) -> Iterator[Result]:
    """The hosts of a cluster, and what kafnix shows of them beside what Nix makes of them."""
    shown = "null"
    with tempfile.TemporaryDirectory() as folder:
        if has_tree(cluster):
            command = [cargo.KAFNIX, "show", "hosts", spec_of(cluster), "--message-format", "json"]
            status, said = run(command, apart=True)
            if status != 0:
                yield failed(f"{cluster}: kafnix shows its hosts", said)
                return
            (Path(folder) / f"{cluster}.json").write_text(said)
            shown = json.dumps(folder)
        yield from told(nix.evaluate_file("default.nix", f'shown = {shown}; cluster = "{cluster}";', ".tests"))


def images(cluster: str) -> Iterator[Result]:
    if has_tree(cluster):
        yield from told(nix.evaluate_file("default.nix", f'cluster = "{cluster}";', ".images"))


def configurations() -> Iterator[Result]:
    return told(nix.evaluate_file("default.nix", "", ".tests"))


def tree(cluster: str) -> Iterator[Result]:
    if has_tree(cluster):
        status, said = run([cargo.KAFNIX, "generate", "--check", spec_of(cluster)])
        name = f"{cluster}: its hosts are what kafnix generates"
        yield judged(name, f"run kafnix generate; {said[:3000]}" if status else None)


def made_options() -> str:
    return str(nix.evaluate_file("default.nix", "", ".options"))


def options() -> Iterator[Result]:
    same = made_options() == (ROOT / "docs/options.md").read_text()
    yield judged(FRESH_OPTIONS, None if same else "run tests/run write, and look at what it changes")


def write(name: str) -> None:
    """Makes anew what is committed of an evaluation: the documents whose path contains this name."""
    if name in "docs/options.md":
        (ROOT / "docs/options.md").write_text(made_options())
    for document in documents.names():
        if name in str(documents.committed(document).relative_to(ROOT)):
            documents.write(document)
