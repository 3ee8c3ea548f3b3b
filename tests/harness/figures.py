"""How benchmarks measure, and how they show it."""

import os
import statistics
import time
from collections.abc import Callable

RUNS = int(os.environ.get("RUNS", "5"))


def show(what: str, figures: list[float], unit: str) -> None:
    middle, least, most = statistics.median(figures), min(figures), max(figures)
    print(f"{what:58} {middle:9.2f} {unit}  ({least:.2f} to {most:.2f}, {len(figures)} runs)", flush=True)


def seconds(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start
