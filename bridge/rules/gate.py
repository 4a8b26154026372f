"""The gate: every leg that leaves towards the network has passed here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bridge.rules import asker, consent, emergency, history, hold, hours, lists, prefix
from bridge.rules.costly import costly
from bridge.rules.facts import Facts
from bridge.rules.model import DncHit, Number, Purpose, Refusal, Rule
from bridge.rules.permit import VALIDITY, Permit, issue


def may_dial(number: Number, purpose: Purpose, now: datetime, facts: Facts) -> Permit | Refusal:
    """Whether this number may be dialled now, for this purpose.

    Args:
        number: From `normalise`.
        purpose: Why it is dialled.
        now: The time of the decision; the permit is good for `permit.VALIDITY` from then on.
        facts: What was read for this number just before.
    """
    for rule in _RULES:
        refusal = rule(number, purpose, facts)
        if refusal is not None:
            return refusal
    if purpose in consent.ASKED and (refusal := consent.missing(number, facts.consent, facts.consents, now)):
        return refusal
    if purpose not in _HOURS_HOLD:
        return _too_often(facts) or issue(number, purpose, now, facts)
    refusal = (
        (_stopped(now, facts) if purpose is Purpose.AUTO else None)
        or _closed(number, purpose, now, facts)
        or history.too_many(facts.attempts, facts.limits, purpose, now)
        or _too_often(facts)
    )
    latest = hours.until(facts.hours, facts.zones, now, now + VALIDITY)
    return refusal or issue(number, purpose, now, facts, latest)


def _stopped(now: datetime, facts: Facts) -> Refusal | None:
    """Whether the campaign may dial nobody by itself."""
    return lists.stale(facts.needed_lists, facts.dnc_lists, facts.dnc_days, now) or history.over_limit(
        facts.drops, facts.drop_limit
    )


_HOURS_HOLD = frozenset({Purpose.MANUAL, Purpose.AUTO})
"""A third party, whom an agent calls for the customer at her side, is not solicited; nor is an agent."""


def _closed(number: Number, purpose: Purpose, now: datetime, facts: Facts) -> Refusal | None:
    """The hours of the customer; whatever dials by itself keeps those of the law."""
    if facts.no_hours:
        why = f"there is no call time {facts.no_hours}"
        return Refusal(rule=Rule.NO_CALL_TIME, why=why, source="call time of campaign and list")
    if purpose is Purpose.AUTO and all(each.rule is not Rule.LAW_HOURS for each in facts.hours):
        why = f"the law's hours of {number.country} were not read"
        return Refusal(rule=Rule.NO_CALL_TIME, why=why, source="docs/law.md")
    return hours.outside(facts.hours, facts.zones, now)


def _held(_: Number, purpose: Purpose, facts: Facts) -> Refusal | None:
    return hold.stopped(purpose, facts.holds)


def _emergency(number: Number, _: Purpose, facts: Facts) -> Refusal | None:
    """What is put before a number can make an emergency number of it: 9 and 11 1…, say."""
    forms = (facts.dialled.removeprefix("+"),) if facts.dialled else number.forms
    dialled = (facts.dial_prefix + form for form in forms)
    reaches = facts.dial_prefix and any(emergency.is_emergency(each, number.country) for each in dialled)
    return emergency.refusal(f"{facts.dial_prefix} before {number.digits}") if reaches else None


def _prefixed(number: Number, _: Purpose, facts: Facts) -> Refusal | None:
    return prefix.forbidden(number, facts)


def _costly(number: Number, _: Purpose, __: Facts) -> Refusal | None:
    return costly(number)


def _country(number: Number, _: Purpose, facts: Facts) -> Refusal | None:
    if number.country in facts.allowed_countries:
        return None
    why = f"{number.e164} is in {number.country}, which is not among the allowed countries"
    return Refusal(rule=Rule.COUNTRY, why=why, source="setting allowed_countries")


def _shut_out(_: Number, __: Purpose, facts: Facts) -> Refusal | None:
    return asker.shut_out(facts.asker) if facts.asker else None


def _not_for_asker(number: Number, _: Purpose, facts: Facts) -> Refusal | None:
    return asker.not_for(number, facts.asker) if facts.asker else None


def _too_often(facts: Facts) -> Refusal | None:
    """Last of all: what is not dialled anyway is no call too many."""
    return asker.too_often(facts.asker) if facts.asker else None


def _do_not_call(number: Number, purpose: Purpose, facts: Facts) -> Refusal | None:
    """Agents' own telephones are rung whatever a list says: nobody is solicited there."""
    if not facts.dnc or purpose is Purpose.CALL_AGENT:
        return None
    return _listed(number, facts.dnc[0])


def _listed(number: Number, hit: DncHit) -> Refusal:
    rule = Rule.DNC_CAMPAIGN if hit.campaign else Rule.DNC_SYSTEM
    where = f"the do-not-call list of campaign {hit.campaign}" if hit.campaign else "the do-not-call list"
    if hit.list:
        where = f"do-not-call list {hit.list}, version {hit.version}"
        where += f", of campaign {hit.campaign}" if hit.campaign else ""
    whole = {"area_code": f", as all of area code {hit.entry}", "prefix": f", as all of +{hit.entry}"}
    source = "47 CFR 64.1200(d); 16 CFR 310.4(b)(1)(iii)"
    return Refusal(rule=rule, why=f"{number.e164} is on {where}{whole.get(hit.kind, '')}", source=source)


_RULES: tuple[Callable[[Number, Purpose, Facts], Refusal | None], ...] = (
    _held,
    _shut_out,
    _emergency,
    _prefixed,
    _costly,
    _country,
    _not_for_asker,
    _do_not_call,
)
"""In this order: the first that forbids gives the answer. Then come those that ask for the time."""
