"""A lead as the line format writes it: each field a text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from bridge.leads.model import Lead

NO_DATE: Final = "0000-00-00"
NO_MOMENT: Final = "0000-00-00 00:00:00"
FIELDS: Final = (
    *("status", "user", "vendor_lead_code", "source_id", "list_id", "gmt_offset_now", "phone_code"),
    *("phone_number", "title", "first_name", "middle_initial", "last_name", "address1", "address2"),
    *("address3", "city", "state", "province", "postal_code", "country_code", "gender", "date_of_birth"),
    *("alt_phone", "email", "security_phrase", "comments", "called_count", "last_local_call_time"),
    *("rank", "owner"),
)
"""In the order in which replies have them."""


def texts(lead: Lead, zone: tzinfo) -> Mapping[str, str]:
    """Every field by its name in the format; times on the clocks of `zone`."""
    shown = {name: str(getattr(lead, name)) for name in FIELDS if name in _PLAIN}
    return shown | {
        "lead_id": str(lead.id),
        "entry_list_id": str(lead.entry_list_id),
        "gmt_offset_now": gmt_offset(lead.gmt_offset_minutes),
        "date_of_birth": lead.date_of_birth or NO_DATE,
        "called_since_last_reset": lead.called_since_last_reset,
        "entry_date": clock(lead.entry_date, zone),
        "modify_date": clock(lead.modify_date, zone),
        "last_local_call_time": clock(lead.last_local_call_time, zone),
    }


def gmt_offset(minutes: int | None) -> str:
    """Hours, as in `-5.00`."""
    return f"{(minutes or 0) / 60:.2f}"


def clock(moment: datetime | None, zone: tzinfo) -> str:
    """`YYYY-MM-DD HH:MM:SS` on the clocks of a zone."""
    return NO_MOMENT if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


class Age(NamedTuple):
    """How long ago something was."""

    days: int
    text: str
    """As reports write it: `22 DAYS`, `3 YEARS`, with blanks behind shorter units."""


def age(moment: datetime | None, now: datetime) -> Age:
    """How long ago a moment is."""
    seconds = 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
    days = int(seconds // _DAY)
    for unit, length in (("YEARS", 365 * _DAY), ("DAYS", _DAY), ("HOURS", 3600), ("MINUTES", 60)):
        if seconds >= length:
            return Age(days, f"{int(seconds // length)} {unit:<6}")
    return Age(days, f"{int(seconds)} SECONDS")


_DAY: Final = 86_400
_PLAIN: Final = frozenset(FIELDS) - {"gmt_offset_now", "date_of_birth", "last_local_call_time"}
