"""Hours in which customers may be called, as an administrator writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Name, Title, check_printable, matching
from bridge.rules import Hours, Rule, Spans, read_spans

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAW: Final = "law"
"""Name of the hours of the law where the customer is, and the beginning of the names of each country's."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_STATE: Final = re.compile(r"[A-Z]{2,3}")
_DATE: Final = re.compile(r"(?:2[0-9]{3}-)?(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_SHOWN: Final = re.compile(r"(?:[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}(?: (?!$)|$))*")
_WANTED: Final = "times of the customer's day in their order, '09:00-12:00 13:00-20:00'; empty: closed"

Times = Annotated[str, matching(_SHOWN)]


class CallTime(SiteItem, frozen=True, kw_only=True):
    """When customers may be called, on their own clocks."""

    kind: ClassVar[str] = "calltime"

    name: Name
    """One that begins with `law-` is in the place of the law's: `law-US`, `law-US-FL`."""
    title: Title = ""
    hours: Times = "00:00-24:00"
    """Of each day that has none of its own; empty: closed."""
    days: Mapping[str, Times] = {}
    """Of a day of the week, `monday` to `sunday`."""
    holidays: Mapping[str, Times] = {}
    """Of a date: `2026-12-24`, or `12-25` for each year."""
    states: Mapping[str, Name] = {}
    """By the two letters of a state: hours that must be open, too, for customers there."""
    source: Title = ""
    """The law or the decision behind it."""
    checked: Title = ""
    """When somebody has read that, and where."""

    def __post_init__(self) -> None:
        """Check the fields."""
        if not _NAME.fullmatch(self.name):
            raise InvalidField("name", f"{self.name[:60]!r}: 1 to 40 letters, digits, '-' or '_'")
        for field in ("title", "source", "checked"):
            check_printable(field, getattr(self, field))
        self._check_days()
        for state, name in self.states.items():
            if not _STATE.fullmatch(state) or not _NAME.fullmatch(name):
                raise InvalidField("states", f"{state[:20]!r}: two capital letters, and a call time")

    def _check_days(self) -> None:
        _spans("hours", self.hours)
        for day in self.days:
            if day not in WEEKDAYS:
                raise InvalidField("days", f"{day[:60]!r}: {', '.join(WEEKDAYS)}")
        for day in self.holidays:
            if not _DATE.fullmatch(day):
                raise InvalidField("holidays", f"{day[:60]!r}: a date, 2026-12-24, or 12-25 for each year")
        for field, times in (("days", self.days), ("holidays", self.holidays)):
            for text in times.values():
                _spans(field, text)

    def as_rule(self) -> Hours:
        """As the gate reads it."""
        law = self.name == LAW or self.name.startswith(f"{LAW}-")
        return Hours(
            name=self.name,
            rule=Rule.LAW_HOURS if law else Rule.CALL_TIME,
            source=self.source or f"call time {self.name}",
            week=tuple(_spans("days", self.days.get(day, self.hours)) for day in WEEKDAYS),
            holidays={day: _spans("holidays", text) for day, text in self.holidays.items()},
        )


def _spans(field: str, text: str) -> Spans:
    found = read_spans(text)
    if found is None:
        raise InvalidField(field, f"{text[:60]!r}: {_WANTED}")
    return found
