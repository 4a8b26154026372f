"""Numbers of the site's own, each for an area: whoever is called is shown one of hers."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Annotated, ClassVar, Final
from zlib import crc32

import msgspec
import phonenumbers

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Name, Title, check_name, check_printable, matching
from bridge.rules import Number, states_of_area_code

_AREA: Final = re.compile(r"[0-9]{1,6}|[A-Z]{2,4}")
_NUMBER: Final = re.compile(r"[0-9]{1,20}")
ANYWHERE: Final = "NONE"
"""Area of the numbers that are shown to whom no other is for."""
MOST: Final = 5000
"""Entries of one group."""
_NANP: Final = 1


class CallerIdEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number, and to whom it is shown."""

    area: Annotated[str, matching(_AREA)]
    """First digits of numbers of the site's own country, as an area code; a state or province, in capitals;
    or `NONE`: everybody else."""
    number: Annotated[str, matching(_NUMBER)]
    active: bool = True
    description: Title = ""

    def __post_init__(self) -> None:
        """Check the fields."""
        if not _AREA.fullmatch(self.area):
            raise InvalidField("entries", f"area {self.area[:20]!r}: an area code, a state or NONE")
        if not _NUMBER.fullmatch(self.number):
            raise InvalidField("entries", f"number {self.number[:40]!r}: 1 to 20 digits")
        check_printable("entries", self.description)


class CallerIdGroup(SiteItem, frozen=True, kw_only=True):
    """What a campaign shows by the area of whom it calls."""

    kind: ClassVar[str] = "cidgroup"

    name: Name
    title: Title = ""
    entries: tuple[CallerIdEntry, ...] = ()

    def __post_init__(self) -> None:
        """Check the fields; entries stand in their order, whoever wrote them."""
        check_name("name", self.name)
        check_printable("title", self.title)
        entries = tuple(sorted(self.entries, key=lambda entry: (entry.area, entry.number)))
        if len({(entry.area, entry.number) for entry in entries}) < len(entries):
            raise InvalidField("entries", "the same area and number are there twice")
        if len(entries) > MOST:
            raise InvalidField("entries", f"at most {MOST}")
        msgspec.structs.force_setattr(self, "entries", entries)

    def shown_to(self, number: Number, state: str, country: str) -> str:
        """The number that somebody is shown; empty: none of these.

        The longest area code goes before the state, and the state before `NONE`. Where there are several,
        the same number is shown to her each time.

        Args:
            number: hers.
            state: hers, as her lead has it; empty: that of her area code.
            country: the site's own, two letters: area codes and states are there.
        """
        for area in _areas(number, state, country):
            if found := self._numbers(area):
                return found[crc32(number.e164.encode()) % len(found)]
        return ""

    def _numbers(self, area: str) -> list[str]:
        """Those that may be shown; entries stand in the order of their areas."""
        first = bisect_left(self.entries, area, key=_area)
        last = bisect_right(self.entries, area, first, key=_area)
        return [entry.number for entry in self.entries[first:last] if entry.active]


def _area(entry: CallerIdEntry) -> str:
    return entry.area


def _areas(number: Number, state: str, country: str) -> Iterator[str]:
    if number.country_code == phonenumbers.country_code_for_region(country):
        yield from (number.national[:digits] for digits in range(6, 0, -1))
        of_code = states_of_area_code(number.national[:3]) if number.country_code == _NANP else ()
        yield from [state.upper()] if state else sorted(of_code)
    yield ANYWHERE
