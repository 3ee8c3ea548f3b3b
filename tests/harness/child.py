"""The process in which scenarios run, in namespaces of its own: `begin` starts one, `main` is what it does."""

import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .hosts.stay import STAY
from .machine import TESTS
from .processes import alone, as_init, folder_of, run
from .results import Outcome, Result, Skipped, failed, ok, skipped
from .scenarios import Scenario, scenario

RESULTS = "results"


@dataclass(frozen=True)
class Told:
    """What a child has left: its folder, all that it has said, and what became of each scenario."""

    folder: Path
    said: str
    results: list[Result]


def begin(
    what: str, prefix: str, scenarios: Sequence[Scenario], limit: float | None, namespaces: Sequence[str] = ()
) -> Told:
    """Runs scenarios to their end, one after the other."""
    folder = folder_of(prefix)
    if STAY:
        print(f"{scenarios[0].name} tells in {folder}/output; its hosts stay until Ctrl-C", flush=True)
    own = [sys.executable, "-B", "-m", "harness.child", what, folder, *(one.path for one in scenarios)]
    path = {"PYTHONPATH": f"{TESTS}:{TESTS / 'scenarios'}"}
    status, said = run([*alone(*namespaces), *own], folder / "output", path, limit=limit)
    told = folder / RESULTS
    results = [Result.of_json(line) for line in told.read_text().splitlines()] if told.exists() else []
    if status != 0 and all(result.outcome == Outcome.OK for result in results) and len(results) == len(scenarios):
        # what came after the last one has failed
        results.pop()
    for number, one in enumerate(scenarios[len(results) :]):
        why = "another one has failed on its hosts" if number else f"{said}\nit ended with {status}"
        results.append(failed(one.name, why))
    return Told(folder, said, results)


def tell(folder: Path, result: Result) -> None:
    with (folder / RESULTS).open("a") as file:
        file.write(result.as_json() + "\n")


def prove(one: Scenario, folder: Path, on: Callable[[Callable[..., None]], None]) -> bool:
    """Runs a scenario `on` what it takes, and tells what became of it; whether the next one can run."""
    claim, proof = one.load()
    print(claim, flush=True)
    start = time.monotonic()
    try:
        on(proof)
    except Skipped as reason:
        tell(folder, skipped(one.name, str(reason)))
        return True
    except BaseException:  # whatever it is, it is what the test found
        traceback.print_exc()
        return False
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    tell(folder, ok(one.name, time.monotonic() - start))
    return True


def main() -> int:
    what, folder, *paths = sys.argv[1:]
    chosen = [scenario(Path(path)) for path in paths]
    match what:
        case "local":
            from .local import within
        case "hosts":
            from .hosts import within
        case _:
            raise SystemExit(f"there is no driver of {what}")
    return as_init(lambda: within.run(Path(folder), chosen))


if __name__ == "__main__":
    sys.exit(main())
