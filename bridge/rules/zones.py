"""The time zones in which a customer may be. Whoever must know her hours has to respect all of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import phonenumbers
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from bridge.rules.model import Number
from bridge.rules.places import states_of_area_code, states_of_postal_code, zones_of_states

_NANP: Final = 1
_UNKNOWN: Final = "Etc/Unknown"
_FIXED: Final = "UTC"
"""Begin of the name of a zone that is a number of minutes."""


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """What a lead says of where it lives."""

    offset_minutes: int | None = None
    """From UTC; with or without daylight saving time, callers do not agree on it."""
    postal_code: str = ""
    state: str = ""
    """Two letters."""


class Zones(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody may be."""

    names: tuple[str, ...]
    """Of the tz database, or `UTC-05:00`; none: it cannot be told."""
    known_by: str
    """`the lead's offset`, `the postal code` or `the number`."""


NOWHERE: Final = Zones(names=(), known_by="the number")


def zones_of(number: Number, home: Home, now: datetime) -> Zones:
    """The zones by the lead's own offset, else by its postal code, else by the number.

    Args:
        number: what is dialled.
        home: of its lead.
        now: the moment for which an offset is compared with zones.
    """
    if home.offset_minutes is not None:
        return Zones(names=_by_offset(number, home.offset_minutes, now), known_by="the lead's offset")
    states = states_of_postal_code(home.postal_code, number.country)
    if states and zones_of_states(states):
        return Zones(names=zones_of_states(states), known_by="the postal code")
    return Zones(names=_by_number(number.e164), known_by="the number")


def states_of(number: Number, home: Home) -> tuple[str, ...]:
    """The states or provinces whose own rules hold: that of the lead, else those of its number."""
    if number.country_code != _NANP:
        return (home.state.upper(),) if home.state.isalpha() else ()
    said = frozenset({home.state.upper()} if home.state else ())
    said |= states_of_postal_code(home.postal_code, number.country)
    known = frozenset(state for state in said if zones_of_states(frozenset({state})))
    return tuple(sorted(known or states_of_area_code(number.national[:3])))


def local(now: datetime, zone: str) -> datetime:
    """A moment on the clocks of a zone of `Zones.names`."""
    return now.astimezone(clock(zone))


@lru_cache(maxsize=1024)
def clock(zone: str) -> tzinfo:
    """The clocks of a zone of `Zones.names`."""
    if not zone.startswith(_FIXED):
        return ZoneInfo(zone)
    sign = -1 if zone[3] == "-" else 1
    hours, minutes = zone[4:].split(":")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)), zone)


def _by_offset(number: Number, minutes: int, now: datetime) -> tuple[str, ...]:
    """Daylight saving time is that of the zones of the number, or of its country, that have the offset.

    An offset that no zone of the country has is a default of who sent the lead, or she is abroad: then the
    number's own zones hold beside it.
    """
    offset = timedelta(minutes=minutes)
    own = _by_number(number.e164)
    for zones in (own, _of_country(number.country_code)):
        matching = tuple(zone for zone in zones if _has(zone, offset, now))
        if matching:
            return matching
    return (_fixed(minutes), *own)


def _has(zone: str, offset: timedelta, now: datetime) -> bool:
    here = local(now, zone)
    current, saving = here.utcoffset() or timedelta(), here.dst() or timedelta()
    return offset in (current, current - saving)


def _fixed(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{_FIXED}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


@lru_cache(maxsize=65_536)
def _by_number(e164: str) -> tuple[str, ...]:
    """Of a number without a place, all zones of its country.

    A number that is possible and not known (727 555 0100) has its area's.
    """
    parsed = phonenumbers.parse(e164)
    found = time_zones_for_number(parsed)
    if _UNKNOWN in found:
        found = time_zones_for_geographical_number(parsed)
    return found if all(map(_is_known, found)) else ()


@lru_cache(maxsize=256)
def _of_country(country_code: int) -> tuple[str, ...]:
    return tuple(zone for zone in TIMEZONE_DATA.get(str(country_code), ()) if _is_known(zone))


@lru_cache(maxsize=1024)
def _is_known(zone: str) -> bool:
    if zone == _UNKNOWN:
        return False
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
