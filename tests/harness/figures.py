"""How benchmarks measure, and how they show it."""

import os
import statistics
import time
from collections.abc import Callable

RUNS = int(os.environ.get("RUNS", "5"))
# What was shown with a bound that it does not keep.
BEYOND: list[str] = []


def show(what: str, figures: list[float], unit: str, bound: float | None = None) -> None:
    """The median, which is to be within the bound."""
    middle, least, most = statistics.median(figures), min(figures), max(figures)
    kept = ""
    if bound is not None:
        if middle > bound:
            BEYOND.append(what)
        kept = f", {'NOT ' if middle > bound else ''}within {bound:g} {unit}"
    print(f"{what:58} {middle:9.2f} {unit}  ({least:.2f} to {most:.2f}, {len(figures)} runs){kept}", flush=True)


def seconds(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start
