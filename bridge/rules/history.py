"""What was dialled before: attempts at one number, and calls that a campaign has abandoned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bridge.rules.model import Purpose, Refusal, Rule

LAW_OF_DROPS: Final = "16 CFR 310.4(b)(4); 47 CFR 64.1200(a)(7)"
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
DROP_SPAN: Final = timedelta(days=30)
"""Within which the share of abandoned calls is counted (the same sources)."""
SAMPLE: Final = 100
"""Of fewer answered calls the limit is that of so many: one of three calls is no third of a campaign."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A call to the number that has left."""

    at: datetime
    abandoned: bool = False


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How often a number may be called; 0 is no limit."""

    per_day: int = 0
    per_week: int = 0
    lockout_hours: int = 0
    """For which an abandoned customer is left alone by what dials by itself."""

    def span(self, purpose: Purpose) -> timedelta:
        """How far back attempts matter."""
        locked = timedelta(hours=self.lockout_hours) if purpose is Purpose.AUTO else timedelta()
        return max(locked, DAY if self.per_day else locked, WEEK if self.per_week else locked)


class Drops(msgspec.Struct, frozen=True, kw_only=True):
    """Automatic calls of a campaign within a time."""

    answered: int = 0
    """By a person, as far as is known; those that were abandoned are among them."""
    abandoned: int = 0

    @property
    def share(self) -> float:
        """Per cent."""
        return 100 * self.abandoned / self.answered if self.answered else 0.0

    def reached(self, limit: float) -> bool:
        """Whether no more may be abandoned: a limit in per cent, of `SAMPLE` answered calls at least."""
        return self.abandoned > 0 and 100 * self.abandoned >= limit * max(self.answered, SAMPLE)


def uk_share(abandoned: int, live: int, machines: int) -> float:
    """Per cent by the formula of Ofcom's consultation of 2015.

    Args:
        abandoned: calls without an agent; as many of them as of the agents' own count as machines.
        live: calls of agents with people.
        machines: calls of agents with machines.
    """
    handled = live + machines
    people = abandoned * (1 - machines / handled) if handled else float(abandoned)
    return 100 * people / (people + live) if people else 0.0


def too_many(attempts: Sequence[Attempt], limits: Limits, purpose: Purpose, now: datetime) -> Refusal | None:
    """The refusal of a number that has been called too often, or that was abandoned not long ago.

    An agent who dials by hand is there when the customer answers: she may make up for the abandoned call.
    """
    locked = _locked(attempts, limits, now) if purpose is Purpose.AUTO else None
    return locked or _over(attempts, limits.per_day, DAY, now) or _over(attempts, limits.per_week, WEEK, now)


def over_limit(drops: Drops, limit: float) -> Refusal | None:
    """The refusal of a campaign that has abandoned too many."""
    if not drops.reached(limit):
        return None
    why = (
        f"{drops.abandoned} of {drops.answered} answered calls within 30 days were abandoned: the campaign's"
        f" limit is {limit:g} %, and it dials nothing by itself until they are fewer"
    )
    return Refusal(rule=Rule.DROP_LIMIT, why=why, source=LAW_OF_DROPS)


def _locked(attempts: Sequence[Attempt], limits: Limits, now: datetime) -> Refusal | None:
    lockout = timedelta(hours=limits.lockout_hours)
    last = max((each.at for each in attempts if each.abandoned), default=None)
    if last is None or last + lockout <= now:
        return None
    why = f"the customer was abandoned at {last:%Y-%m-%d %H:%MZ}: left alone for {limits.lockout_hours} hours"
    return Refusal(rule=Rule.DROP_LOCKOUT, why=why, source="Ofcom, persistent misuse", opens=last + lockout)


def _over(attempts: Sequence[Attempt], most: int, span: timedelta, now: datetime) -> Refusal | None:
    within = sorted((each.at for each in attempts if each.at > now - span), reverse=True)
    if not most or len(within) < most:
        return None
    days, rule = ("24 hours", Rule.ATTEMPTS_PER_DAY) if span == DAY else ("7 days", Rule.ATTEMPTS_PER_WEEK)
    why = f"the number was called {len(within)} times within {days}, of {most} that the campaign allows"
    return Refusal(rule=rule, why=why, source="attempts of the campaign", opens=within[most - 1] + span)
