"""The offset from UTC that a lead is stored with: by its number, its postal code or a zone's letters."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from bridge.rules import states_of_area_code, states_of_postal_code, zones_of_states

_UNKNOWN: Final = "Etc/Unknown"
_NANP: Final = "1"
_OF_AREA: Final = "5550100"
"""Behind an area code it makes a number that is nobody's."""
_MOST_ZONES: Final = 4
"""A number with more may be anywhere in its country."""
_LETTERS: Final = {
    "AST": "America/Halifax",
    "EST": "America/New_York",
    "CST": "America/Chicago",
    "MST": "America/Denver",
    "PST": "America/Los_Angeles",
    "AKST": "America/Anchorage",
    "HST": "Pacific/Honolulu",
    "GMT": "Europe/London",
    "CET": "Europe/Berlin",
    "EET": "Europe/Athens",
}
"""Zones by the letters that the line format has for them; summer time is kept."""
_PREFERRED: Final = ("America/Phoenix",)
"""Where a state lies in several zones, that of most of its people is not the first."""


def by_number(number: str, phone_code: str) -> str | None:
    """The zone of a number; `None`: it cannot be told.

    Args:
        number: national digits.
        phone_code: of the country.
    """
    if phone_code == _NANP:
        number = number[:3] + _OF_AREA
    return _zone_of(f"+{phone_code}{number}")


def by_postal_code(code: str, phone_code: str) -> str | None:
    """The zone of a ZIP code or of a Canadian postal code."""
    if phone_code != _NANP:
        return None
    states = states_of_postal_code(code, "US") or states_of_postal_code(code, "CA")
    zones = zones_of_states(states) if states else ()
    return next((zone for zone in (*_PREFERRED, *zones) if zone in zones), None)


def by_letters(letters: str) -> str | None:
    """The zone that these letters stand for: `EST`, `PST`."""
    return _LETTERS.get(letters.upper())


def minutes_at(zone: str | tzinfo, now: datetime) -> int:
    """What its clocks differ from UTC at a moment."""
    clock = ZoneInfo(zone) if isinstance(zone, str) else zone
    return round((now.astimezone(clock).utcoffset() or timedelta()) / timedelta(minutes=1))


def fixed(minutes: int | None) -> tzinfo:
    """Clocks that are always so many minutes before UTC."""
    return timezone(timedelta(minutes=minutes or 0))


def is_area_code(digits: str) -> bool:
    """Whether three digits are an area code of the North American plan."""
    return bool(states_of_area_code(digits)) or by_number(digits, _NANP) is not None


def state_of(number: str) -> str:
    """The state or province of an area code, of several the first; empty: it is none's."""
    return min(states_of_area_code(number[:3]), default="")


@lru_cache(maxsize=65_536)
def _zone_of(e164: str) -> str | None:
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    for zones in (time_zones_for_number(parsed), time_zones_for_geographical_number(parsed)):
        if _UNKNOWN not in zones and len(zones) < _MOST_ZONES and _is_known(zones[0]):
            return str(zones[0])
    return None


@lru_cache(maxsize=1024)
def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
