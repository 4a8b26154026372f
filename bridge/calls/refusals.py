"""The gate's refusals: as errors that both APIs know how to say, and as what is on record of the call."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Final, Protocol

from bridge.calls.clicks import NOBODY_CALLED
from bridge.calls.signals import Forbid
from bridge.consent.model import WAITS
from bridge.errors import DestinationNotAllowed, DialRefused, NotAllowed, TooManyCalls, UserShutOut
from bridge.rules import PASSING, Refusal, Rule

OF_USERS: Final[Mapping[str, type[NotAllowed]]] = {
    Rule.USER_STOPPED: UserShutOut,
    Rule.USER_COUNTRY: DestinationNotAllowed,
    Rule.USER_NUMBER_TYPE: DestinationNotAllowed,
    Rule.USER_CALLS_PER_HOUR: TooManyCalls,
    Rule.USER_CALLS_PER_DAY: TooManyCalls,
    Rule.USER_CALLS_AT_ONCE: TooManyCalls,
}
"""The limits of who asks; every other rule is about the number, whoever asks."""
REFUSED_STATUS: Final = "ADC"
_STATUSES: Final[Mapping[str, str]] = {
    Rule.DNC_SYSTEM: "DNCL",
    Rule.DNC_CAMPAIGN: "DNCC",
    Rule.CONSENT: WAITS,
    **dict.fromkeys((*OF_USERS, *PASSING, Rule.HELD), NOBODY_CALLED),
}
"""Statuses of refused calls; any other refusal is `REFUSED_STATUS`."""


class OnRefusal(Protocol):
    """Is told of each call that is refused to an API user: `Breaches.note`."""

    def __call__(self, user: str, refusal: Refusal, number: str, *, chosen: bool) -> Awaitable[None]:
        """Take note of it."""


def refused(rule: str, why: str, source: str) -> NotAllowed:
    """The error that a refusal is."""
    return OF_USERS.get(rule, DialRefused)(why, rule=rule, source=source)


def forbidden(refusal: Refusal, at: datetime) -> Forbid:
    """What the call is told about a refusal."""
    status = _STATUSES.get(refusal.rule, REFUSED_STATUS)
    return Forbid(at=at, rule=refusal.rule, why=refusal.why, source=refusal.source, network_status=status)
