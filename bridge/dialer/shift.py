"""How much of a campaign's shift is over."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

_DAY: Final = 24 * 60


def share_over(shift: str, now: datetime, zone: tzinfo) -> float:
    """0 at the beginning of a shift, 1 at its end; outside of it 1, with which least is risked.

    Args:
        shift: times of the day on the site's clock, `09:00-21:00`; `22:00-06:00` ends on the next day,
            `00:00-00:00` lasts all day.
        now: the present time.
        zone: of the site.
    """
    begin, end = (int(word[:2]) * 60 + int(word[3:]) for word in shift.split("-"))
    local = now.astimezone(zone)
    past = (local.hour * 60 + local.minute - begin) % _DAY
    return min(past / ((end - begin) % _DAY or _DAY), 1.0)
