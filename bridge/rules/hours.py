"""Hours in which customers may be called, on their own clocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

import msgspec

from bridge.rules.model import Refusal, Rule
from bridge.rules.zones import Zones, clock, local

Spans = tuple[tuple[int, int], ...]
"""Minutes of the day: from the first on, until before the second."""

DAY: Final = 24 * 60
ALWAYS: Final[Spans] = ((0, DAY),)
LOOKED_AHEAD: Final = 15
"""Days within which the next opening is looked for: a week, and holidays."""
_SPAN: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """When one set of rules lets customers be called."""

    name: str
    rule: Rule
    """`CALL_TIME` for the site's own hours, `LAW_HOURS` for those of a law."""
    source: str
    week: tuple[Spans, ...]
    """Monday first."""
    holidays: Mapping[str, Spans] = {}
    """By `YYYY-MM-DD`, or `MM-DD` for each year."""

    @property
    def always(self) -> bool:
        """Whether there is no moment at which they are closed."""
        return all(spans == ALWAYS for spans in (*self.week, *self.holidays.values()))

    def spans(self, day: date) -> Spans:
        """Those of a day."""
        own = self.holidays.get(day.isoformat())
        if own is None:
            own = self.holidays.get(f"{day:%m-%d}")
        return self.week[day.weekday()] if own is None else own

    def is_open(self, at: datetime) -> bool:
        """Whether they are, at a time of the customer's own clock."""
        minute = at.hour * 60 + at.minute
        return any(begin <= minute < end for begin, end in self.spans(at.date()))


@lru_cache(maxsize=1000)
def read_spans(text: str) -> Spans | None:
    """`09:00-12:00 13:00-20:00`; an empty text is closed, `None` says that it cannot be read."""
    found = [_SPAN.fullmatch(part) for part in text.split()]
    spans = [
        (int(m[1]) * 60 + int(m[2]), int(m[3]) * 60 + int(m[4]) if m[3] else DAY)
        for m in found
        if m is not None
    ]
    in_order = all(begin < end for begin, end in spans) and spans == sorted(spans)
    apart = all(first[1] <= second[0] for first, second in pairwise(spans))
    return tuple(spans) if len(spans) == len(found) and in_order and apart else None


def outside(hours: Iterable[Hours], zones: Zones, now: datetime) -> Refusal | None:
    """The refusal of a call at a moment at which not all of the hours are open in all of the zones."""
    limited = tuple(each for each in hours if not each.always)
    if not limited:
        return None
    if not zones.names:
        why = "it cannot be told in which time zone the number is"
        return Refusal(rule=Rule.TIME_ZONE, why=why, source=limited[0].source)
    for each in limited:
        for zone in zones.names:
            if not each.is_open(local(now, zone)):
                return _closed(each, zone, zones, now, opening(limited, zones, now))
    return None


def until(hours: Iterable[Hours], zones: Zones, now: datetime, latest: datetime) -> datetime:
    """Until when a permit holds that was given now: hours end at whole minutes."""
    limited = [each for each in hours if not each.always]
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while minute <= latest:
        if not _all_open(limited, zones.names, minute):
            return minute
        minute += timedelta(minutes=1)
    return latest


def opening(hours: Sequence[Hours], zones: Zones, now: datetime) -> datetime | None:
    """The next moment at which all of the hours are open in all of the zones; `None`: not in two weeks."""
    for moment in sorted({now, *_openings(hours, zones, now)}):
        if moment >= now and _all_open(hours, zones.names, moment):
            return moment
    return None


def _openings(hours: Sequence[Hours], zones: Zones, now: datetime) -> Iterator[datetime]:
    for zone in zones.names:
        today = local(now, zone).date()
        for ahead in range(LOOKED_AHEAD):
            day = today + timedelta(days=ahead)
            for each in hours:
                for begin, _ in each.spans(day):
                    opens = datetime.combine(day, time(begin // 60, begin % 60), clock(zone))
                    yield opens.astimezone(UTC)
                    yield opens.replace(fold=1).astimezone(UTC)


def _all_open(hours: Iterable[Hours], zones: Iterable[str], moment: datetime) -> bool:
    return all(each.is_open(local(moment, zone)) for zone in zones for each in hours)


def _closed(each: Hours, zone: str, zones: Zones, now: datetime, opens: datetime | None) -> Refusal:
    there = local(now, zone)
    when = (
        "does not open within two weeks"
        if opens is None
        else f"opens {local(opens, zone):%Y-%m-%d %H:%M} there"
    )
    why = f"it is {there:%H:%M} in {zone} (by {zones.known_by}), and call time {each.name} {when}"
    return Refusal(rule=each.rule, why=why, source=each.source, opens=opens, zone=zone)
