"""What became of a test."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    OK = "ok"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Result:
    name: str
    outcome: Outcome
    # why it failed or was skipped: a line, or what was said until then
    why: str = ""
    # how long it ran, where it was timed for itself
    seconds: float | None = None

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def of_json(line: str) -> "Result":
        value: dict[str, Any] = json.loads(line)
        return Result(outcome=Outcome(value.pop("outcome")), **value)


def ok(name: str, seconds: float | None = None) -> Result:
    return Result(name, Outcome.OK, "", seconds)


def failed(name: str, why: str, seconds: float | None = None) -> Result:
    assert why, f"{name} failed for no reason"
    return Result(name, Outcome.FAILED, why, seconds)


def skipped(name: str, why: str) -> Result:
    assert why, f"{name} is skipped for no reason"
    return Result(name, Outcome.SKIPPED, why)


def judged(name: str, problem: str | None, seconds: float | None = None) -> Result:
    """Of a test that says why it failed, or nothing."""
    return failed(name, problem, seconds) if problem else ok(name, seconds)


class Skipped(Exception):
    """What this machine lacks for a test."""
