"""How many calls have which status: of a time, or of each of its parts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec

from bridge.reports.model import Counting, Tally
from bridge.reports.sight import Sight

OPEN: Final = "INCALL"
"""Status of a call that has none yet."""
NOT_PERSON: Final = frozenset(
    {
        *("NEW", "QUEUE", OPEN, "NA", "A", "AA", "AM", "AL", "AFAX", "B", "AB", "DC", "ADC", "ADCT", "N"),
        *("PU", "PM", "LRERR", "NANQUE", "WAITTO", "HOLDTO", "TIMEOT", "AFTHRS", "NOAGNT"),
    }
)
"""Statuses of calls that no person has answered, or of which nobody knows yet."""
Span = tuple[datetime, datetime]
"""Begin, and end, which is not within."""


class Tallying(Protocol):
    """Who counts calls: `bridge.reports.service.Reports`."""

    async def tally(self, wanted: Counting, sight: Sight) -> Sequence[Tally]:
        """Calls of a time by status."""


async def by_status(
    reports: Tallying, wanted: Counting, sight: Sight, statuses: Collection[str] = ()
) -> Mapping[str, Counter[str]]:
    """Of each campaign, in-group or DID that has calls, by name: how many have which status.

    Args:
        reports: who counts.
        wanted: which calls.
        sight: what the caller sees.
        statuses: only these; empty: all.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    found = await reports.tally(wanted, sight) if wanted.names else ()
    for one in sorted(found, key=lambda one: one.name):
        status = one.status or OPEN
        if not statuses or status in statuses:
            counts[one.name][status] += one.count
    return counts


async def by_span(
    reports: Tallying, wanted: Counting, spans: Sequence[Span], sight: Sight, statuses: Collection[str] = ()
) -> Mapping[str, Sequence[Counter[str]]]:
    """The same for each of several times, in their order; `wanted` says all but the time."""
    counts: defaultdict[str, list[Counter[str]]] = defaultdict(lambda: [Counter() for _ in spans])
    for place, (begin, end) in enumerate(spans):
        part = msgspec.structs.replace(wanted, begin=begin, end=end)
        for name, found in (await by_status(reports, part, sight, statuses)).items():
            counts[name][place] = found
    return counts


def answered_by_people(statuses: Mapping[str, int]) -> int:
    """How many of these calls a person has answered, as far as their statuses tell."""
    return sum(count for status, count in statuses.items() if status not in NOT_PERSON)
