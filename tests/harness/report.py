"""Prints what becomes of the tests, and says in the end what ran and what the run ends with."""

import re
import time
from collections import defaultdict

from .results import Outcome, Result
from .schedule import Begun, Ended, Event, Told, Work

# What a failure leaves in the summary: lines that begin like an error, and its end.
ERROR = re.compile(r"\s*(\w+Error|error)\b.*")
ERRORS, LAST_LINES = 4, 12

GOOD, FAILED, NO_SUCH_TEST, NOTHING_RAN = 0, 1, 2, 77


class Report:
    def __init__(self, tiers: dict[str, str], tell_all: bool) -> None:
        # tier → what its tests are on
        self.tiers = tiers
        self.tell_all = tell_all
        self.results: dict[str, list[Result]] = defaultdict(list)
        self.begun: dict[Work, float] = {}
        # tier → when it began and ended, in seconds of the run
        self.spans: dict[str, tuple[float, float]] = {}
        self.start = time.monotonic()

    def hear(self, event: Event) -> None:
        now = time.monotonic() - self.start
        match event:
            case Begun(work):
                self.begun[work] = now
                if not work.tier:
                    say(f"{clock(now)} {work.name} …")
            case Told(work, result) if work.tier or result.outcome == Outcome.FAILED:
                self.results[work.tier].append(result)
                say(self.line(work.tier, result, now))
            case Ended(work) if work.tier and work in self.begun:
                first, last = self.spans.get(work.tier, (now, 0))
                self.spans[work.tier] = (min(first, self.begun[work]), max(last, now))

    def line(self, tier: str, result: Result, now: float) -> str:
        place = f"{clock(now)} {tier or 'all'}:"
        took = f" ({result.seconds:.0f} s)" if result.seconds is not None and result.seconds >= 1 else ""
        own = f"{place} {result.outcome} {result.name}{took}"
        why = result.why.strip()
        if not why:
            return own
        if "\n" not in why:
            return f"{own}: {why}"
        # what it said comes before the line that says that it failed, which is then the last on the screen
        return f"{indented(why)}\n{own}" if result.outcome == Outcome.FAILED or self.tell_all else own

    def count(self, outcome: Outcome, *tiers: str) -> int:
        chosen = tiers or tuple(self.results)
        return sum(result.outcome == outcome for tier in chosen for result in self.results.get(tier, []))

    def ran(self, tier: str) -> int:
        return self.count(Outcome.OK, tier) + self.count(Outcome.FAILED, tier)

    def summary(self) -> None:
        say("\n== summary")
        for tier, what in self.tiers.items():
            say(f"{tier} ({what}): {self.told_of(tier)}")
        bad = [(tier, one) for tier, all in self.results.items() for one in all if one.outcome == Outcome.FAILED]
        for tier, result in bad:
            # Whoever sees the end of a long run alone sees why.
            say(indented("\n".join(gist(result.why))))
            say(f"FAILED {tier + ': ' if tier else ''}{result.name}")
        took = clock(time.monotonic() - self.start)
        say(f"{self.count(Outcome.OK)} passed, {self.count(Outcome.FAILED)} failed in {took}")

    def told_of(self, tier: str) -> str:
        if not (results := self.results.get(tier, [])):
            return "no test was asked for"
        reasons: dict[str, int] = defaultdict(int)
        for result in results:
            if result.outcome == Outcome.SKIPPED:
                reasons[re.sub(r"\s+", " ", result.why)] += 1
        without = "; ".join(f"{number} skipped ({reason})" for reason, number in reasons.items())
        if not self.ran(tier):
            return without
        first, last = self.spans.get(tier, (0, 0))
        return f"ran {self.ran(tier)} tests in {clock(last - first)}{'; ' + without if without else ''}"

    def status(self, named: bool) -> int:
        if self.count(Outcome.FAILED):
            return FAILED
        if self.count(Outcome.OK):
            return GOOD
        return NO_SUCH_TEST if named and not self.count(Outcome.SKIPPED) else NOTHING_RAN


def say(line: str) -> None:
    print(line, flush=True)


def gist(why: str) -> list[str]:
    """The lines of a failure that say most: what a command prints may be longer than its error."""
    lines = why.strip().splitlines()
    before, last = lines[:-LAST_LINES], lines[-LAST_LINES:]
    return [line for line in before if ERROR.fullmatch(line)][-ERRORS:] + last


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
