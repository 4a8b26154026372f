"""Do-not-call lists that come from elsewhere: each is good for some days after its date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from bridge.rules.model import Refusal, Rule

LAW_OF_LISTS: Final = "16 CFR 310.4(b)(3)(iv); 47 CFR 64.1200(c)(2)(i)(D)"
GOOD_FOR: Final = 31
"""Days (the same sources)."""


class DncList(msgspec.Struct, frozen=True, kw_only=True):
    """The version of a list that is in force, and holds for the campaign."""

    name: str
    version: str
    dated: date
    campaign: str = ""
    """The only one for which it holds; empty: for all."""

    def good_until(self, days: int) -> datetime:
        """The moment from which on it is stale: the end of the last of its days, in UTC."""
        return datetime.combine(self.dated + timedelta(days=days + 1), time(), UTC)


def stale(required: Iterable[str], lists: Sequence[DncList], days: int, now: datetime) -> Refusal | None:
    """The refusal of a campaign of which a list that it needs is too old, or not there."""
    known = {each.name: each for each in lists}
    for name in required:
        found = known.get(name)
        if found is None:
            return _refusal(f"do-not-call list {name}, which the campaign needs, was never taken in")
        if found.good_until(days) <= now:
            return _refusal(
                f"do-not-call list {name}, which the campaign needs, is of {found.dated} (version"
                f" {found.version}) and was good for {days} days: take a newer one in"
            )
    return None


def _refusal(why: str) -> Refusal:
    return Refusal(rule=Rule.DNC_STALE, why=why, source=LAW_OF_LISTS)
