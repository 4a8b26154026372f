"""What the called person has agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bridge.rules.model import Number, Purpose, Refusal, Rule

ANY: Final = "any"
"""What a campaign demands that asks for a consent, whatever it was given for."""
LAW_OF_CONSENT: Final = "47 CFR 64.1200(a); UWG § 7(2)"
ASKED: Final = frozenset({Purpose.MANUAL, Purpose.AUTO})
"""Purposes of calls to customers; a third party is not solicited."""
_SLACK: Final = timedelta(minutes=5)
"""By which the clock of who told of it may be ahead."""


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """A consent for the number, or one that was taken back."""

    id: int = 0
    purpose: str
    given_at: datetime
    revoked_at: datetime | None = None
    source: str = ""


def valid(wanted: str, known: Iterable[Agreed], now: datetime) -> Agreed | None:
    """The newest consent that holds.

    One that was given before another of its purpose was taken back holds no more, whenever it was told.
    """
    of_purpose = [each for each in known if wanted in (ANY, each.purpose)]
    for each in sorted(of_purpose, key=lambda one: one.given_at, reverse=True):
        ended = _taken_back(each.purpose, of_purpose)
        if each.revoked_at is None and each.given_at <= now + _SLACK and (not ended or each.given_at > ended):
            return each
    return None


def _taken_back(purpose: str, known: Sequence[Agreed]) -> datetime | None:
    return max((one.revoked_at for one in known if one.revoked_at and one.purpose == purpose), default=None)


def missing(number: Number, wanted: str, known: Sequence[Agreed], now: datetime) -> Refusal | None:
    """The refusal of a number whose owner has not agreed to be called."""
    if not wanted or valid(wanted, known, now):
        return None
    what = "" if wanted == ANY else f" for {wanted}"
    ends = [each.revoked_at for each in known if each.revoked_at and wanted in (ANY, each.purpose)]
    why = f"no consent{what} is on record for {number.e164}"
    if ends:
        why = f"the consent{what} for {number.e164} was taken back at {max(ends):%Y-%m-%d %H:%M}Z"
    return Refusal(rule=Rule.CONSENT, why=f"{why}, and the campaign demands one", source=LAW_OF_CONSENT)
