"""What a replay says: per function how many match, each difference, and one line at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from replaying.comparing import Outcome


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The lines."""
    played = [one for one in outcomes if not one.skipped]
    yield from _table(played)
    for why, count in sorted(Counter(one.skipped for one in outcomes if one.skipped).items()):
        yield f"skipped: {count} lines: {why}"
    for reason, count in sorted(
        Counter(_reason(one) for one in played if one.difference and one.good).items()
    ):
        yield f"intended: {count}: {reason}"
    for one in played:
        if not one.good:
            yield from _difference(one)
    yield summary(outcomes)


def summary(outcomes: Sequence[Outcome]) -> str:
    """The last line."""
    played = [one for one in outcomes if not one.skipped]
    match = sum(one.good and one.difference is None for one in played)
    intended = sum(one.good and one.difference is not None for one in played)
    return f"replay: {match} of {len(played)} match, {intended} intended differences"


def _reason(outcome: Outcome) -> str:
    rule = outcome.difference
    return "" if rule is None else f"{rule.name}: {rule.reason}"


def _table(played: Sequence[Outcome]) -> Iterator[str]:
    functions = sorted({one.case.function for one in played})
    for function in functions:
        own = [one for one in played if one.case.function == function]
        match = sum(one.good and one.difference is None for one in own)
        intended = sum(one.good and one.difference is not None for one in own)
        more = f", {intended} intended" if intended else ""
        yield f"{function or '(none)':28} {match} of {len(own)}{more}"


def _difference(outcome: Outcome) -> Iterator[str]:
    case = outcome.case
    yield f"\n{case.name}"
    yield f"  request:  {urlencode(case.params)}"
    yield f"  before:   {dict(case.preconditions)}"
    yield f"  expected: {case.body!r}" if case.body is not None else f"  expected: {case.pattern}"
    yield f"  got:      {outcome.got!r}"
    for problem in outcome.problems:
        yield f"  {problem}"
