"""Ids of calls and sessions: UUIDv7 of ours, and the ids that the line format prints."""

from __future__ import annotations

import os
import re
import secrets
import time
from datetime import datetime
from typing import Final

_48_BITS: Final = (1 << 48) - 1
_RANDOM: Final = (1 << 80) - 1 & ~(0xF << 76) & ~(0x3 << 62)
_VERSION_AND_VARIANT: Final = 0x7 << 76 | 0x2 << 62


def uuid7(milliseconds: int | None = None) -> str:
    """A UUID version 7 (RFC 9562 section 5.7): sorts by its time, the rest is random.

    Args:
        milliseconds: Unix time in ms; now, if left out.
    """
    unix = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    value = (unix & _48_BITS) << 80 | int.from_bytes(os.urandom(10), "big") & _RANDOM | _VERSION_AND_VARIANT
    text = f"{value:032x}"  # `uuid.UUID` says the same in four times the time
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def is_uuid7(text: str) -> bool:
    """Whether a text is an id as `uuid7` makes them."""
    return _UUID7.fullmatch(text) is not None


NO_LEAD = 9_000_000_000
"""From here on the lead part of a call id is no lead: leads are counted from 1."""


def legacy_call_id(kind: str, local: datetime, lead_id: int | None) -> str:
    """The line format's call id: kind letter, last 9 of MMDDHHMMSS, 10 digits.

    Args:
        kind: the kind letter.
        local: the time in the site's zone.
        lead_id: the lead; without one the digits are random, above `NO_LEAD`.
    """
    part = NO_LEAD + secrets.randbelow(10**9) if lead_id is None else lead_id
    return f"{kind}{local.strftime('%m%d%H%M%S')[-9:]}{part:010d}"


def legacy_uniqueid(moment: datetime) -> str:
    """20 characters in the form of an Asterisk unique id: epoch, a dot, nine random digits."""
    return f"{int(moment.timestamp()):010d}.{secrets.randbelow(10**9):09d}"
