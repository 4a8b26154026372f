"""What each rule has found that let a call pass: kept with the call, as evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from bridge.rules import consent
from bridge.rules.facts import Facts
from bridge.rules.history import DAY, WEEK
from bridge.rules.model import Number, Purpose, Rule
from bridge.rules.zones import local


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, and what it has found."""

    rule: Rule
    found: str
    """One sentence for people."""


def grounds(number: Number, purpose: Purpose, now: datetime, facts: Facts) -> tuple[Ground, ...]:
    """Those of a call that passes now, in the order in which the rules are asked."""
    found = [Ground(rule=Rule.COUNTRY, found=f"{number.country} is among the allowed countries")]
    if purpose is not Purpose.CALL_AGENT:
        found.append(Ground(rule=Rule.DNC_SYSTEM, found=_lists(facts)))
    if purpose in consent.ASKED:
        found += [*_consent(now, facts), *_hours(now, facts), *_attempts(now, facts)]
    if purpose is Purpose.AUTO:
        share = f"{facts.drops.abandoned} of {facts.drops.answered} answered calls within 30 days"
        found.append(
            Ground(rule=Rule.DROP_LIMIT, found=f"{share} were abandoned, limit {facts.drop_limit:g} %")
        )
    return tuple(found)


def _lists(facts: Facts) -> str:
    known = "; ".join(f"list {one.name} version {one.version} of {one.dated}" for one in facts.dnc_lists)
    return f"not on the site's own lists{'; ' if known else ''}{known}"


def _consent(now: datetime, facts: Facts) -> Iterator[Ground]:
    agreed = consent.valid(facts.consent, facts.consents, now) if facts.consent else None
    if agreed is not None:
        said = f"consent {agreed.id} for {agreed.purpose}, given {agreed.given_at:%Y-%m-%d %H:%M}Z"
        yield Ground(rule=Rule.CONSENT, found=f"{said}: {agreed.source}")


def _hours(now: datetime, facts: Facts) -> Iterator[Ground]:
    clocks = ", ".join(f"{local(now, zone):%H:%M} in {zone}" for zone in facts.zones.names)
    for each in facts.hours:
        known = f"; it is {clocks} (by {facts.zones.known_by})" if clocks and not each.always else ""
        yield Ground(rule=each.rule, found=f"call time {each.name} is open{known}")


def _attempts(now: datetime, facts: Facts) -> Iterator[Ground]:
    for rule, most, span, words in (
        (Rule.ATTEMPTS_PER_DAY, facts.limits.per_day, DAY, "24 hours"),
        (Rule.ATTEMPTS_PER_WEEK, facts.limits.per_week, WEEK, "7 days"),
    ):
        if most:
            count = sum(one.at > now - span for one in facts.attempts)
            yield Ground(rule=rule, found=f"called {count} times within {words} before, of {most}")
