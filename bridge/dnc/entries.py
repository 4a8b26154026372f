"""What somebody writes who wants a number, an area code or a whole range not to be called."""

from __future__ import annotations

import re
from typing import Final

from bridge.leads.errors import InvalidLead
from bridge.leads.model import DncEntry, DncKind
from bridge.leads.numbers import canonical, is_number, prefix_digits

ANY: Final = "*"
"""Behind a prefix: whatever comes after it."""
_AREA: Final = re.compile(r"[2-9][0-9]{2}")


def entry_of(text: str, country: str, campaign: str = "", by: str = "") -> DncEntry:
    """The entry for `3125559999`, `312` or `+49 900*`; a number may be too short to be one.

    Args:
        text: what was written.
        country: the site's country, two letters.
        campaign: for which it is to hold; empty: for all.
        by: who wrote it.

    Raises:
        InvalidLead: it is none of these.
    """
    if text.endswith(ANY):
        digits = prefix_digits(text.removesuffix(ANY), country)
        if not digits:
            why = f"{text[:40]!r}: a prefix is 1 to 15 digits and a {ANY}, as in +4990{ANY} or 0900{ANY}"
            raise InvalidLead("number", why)
        return DncEntry(number=digits, kind=DncKind.PREFIX, campaign=campaign, added_by=by)
    if _AREA.fullmatch(text):
        return DncEntry(number=text, kind=DncKind.AREA_CODE, campaign=campaign, added_by=by)
    digits = canonical(text, country)
    if not 4 <= len(digits) <= 18:
        raise InvalidLead(
            "number", f"{text[:40]!r}: a number of 4 to 18 digits, 3 for an area code, or a prefix and {ANY}"
        )
    return DncEntry(number=digits, campaign=campaign, added_by=by)


def whole_entry(text: str, country: str, campaign: str = "", by: str = "") -> DncEntry:
    """The same of something that is to forbid: it must be able to.

    Raises:
        InvalidLead: it would forbid nothing.
    """
    entry = entry_of(text, country, campaign, by)
    if entry.kind is DncKind.NUMBER and not is_number(text, country):
        example = "give it with + and its country's code, or as it is dialled here"
        raise InvalidLead("number", f"{text[:40]!r} would forbid nothing: {example}")
    return entry
