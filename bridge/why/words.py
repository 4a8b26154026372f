"""How leads and their causes are told to people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bridge.dialer.causes import Block, Reason
from bridge.rules import Rule, local
from bridge.why.model import Count

_SAID: Final[Mapping[str, tuple[str, str]]] = {
    Block.NO_CAMPAIGN: ("is in a list of no campaign", "are in a list of no campaign"),
    Block.CALL_COUNT: (
        "was called as often as the campaign's call_count_limit",
        "were called as often as the campaign's call_count_limit",
    ),
    Block.IN_CALL: ("is being called", "are being called"),
    Block.BEING_DIALLED: ("is about to be dialled", "are about to be dialled"),
    Block.WAITS: ("waits in the hopper for its time", "wait in the hopper for their time"),
    Block.NO_SUCH_NUMBER: ("has no such number", "have no such number"),
    Rule.NOT_A_NUMBER: ("has a number that is none", "have numbers that are none"),
    Rule.EMERGENCY: ("has an emergency number", "have emergency numbers"),
    Rule.SATELLITE: ("has a satellite number", "have satellite numbers"),
    Rule.PREMIUM: ("has a premium rate number", "have premium rate numbers"),
    Rule.COUNTRY: ("is in a country that is not allowed", "are in countries that are not allowed"),
    Rule.DNC_SYSTEM: ("is on the do-not-call list", "are on the do-not-call list"),
    Rule.DNC_CAMPAIGN: ("is on the campaign's do-not-call list", "are on the campaign's do-not-call list"),
    Rule.DNC_STALE: ("waits for a fresh do-not-call list", "wait for a fresh do-not-call list"),
    Rule.CONSENT: ("has given no consent that holds", "have given no consent that holds"),
    Rule.TIME_ZONE: ("is in a time zone that cannot be told", "are in time zones that cannot be told"),
    Rule.NO_CALL_TIME: ("has hours that are not there", "have hours that are not there"),
    Rule.ATTEMPTS_PER_DAY: (
        "was called as often within 24 hours as the campaign allows",
        "were called as often within 24 hours as the campaign allows",
    ),
    Rule.ATTEMPTS_PER_WEEK: (
        "was called as often within 7 days as the campaign allows",
        "were called as often within 7 days as the campaign allows",
    ),
    Rule.HELD: (
        "waits until dialling is no longer held",
        "wait until dialling is no longer held",
    ),
    Rule.DROP_LOCKOUT: ("was abandoned, and is left alone", "were abandoned, and are left alone"),
    Rule.DROP_LIMIT: (
        "waits until the campaign has abandoned fewer",
        "wait until the campaign has abandoned fewer",
    ),
}
"""Behind one lead, and behind several."""


def leads(count: int, *, at_least: bool = False) -> str:
    """`412 leads`."""
    return ("at least " if at_least else "") + ("1 lead" if count == 1 else f"{count} leads")


def place(zone: str) -> str:
    """`America/New_York` as people say it; what is no place stays as it is."""
    return zone.rpartition("/")[2].replace("_", " ")


def clock(until: datetime, zone: str, now: datetime) -> str:
    """A moment on the clocks of a zone: the time of today, else with its day."""
    there = local(until, zone)
    today = there.date() == local(now, zone).date()
    return f"{there:%H:%M}" if today else f"{there:%a %Y-%m-%d %H:%M}"


def told(reason: Reason, count: int, now: datetime) -> Count:
    """So many leads are kept by this; of several moments the reason has the first."""
    if reason.zone and reason.until:
        verb = "waits" if count == 1 else "wait"
        said = f"{verb} for {clock(reason.until, reason.zone, now)} in {place(reason.zone)}"
    else:
        said = _SAID.get(reason.cause, (f"cannot be dialled: {reason.why}",) * 2)[count != 1]
        if reason.until:
            said += f", the first until {reason.until:%Y-%m-%d %H:%MZ}"
    return Count(
        cause=reason.cause,
        leads=count,
        at_least=False,
        why=f"{leads(count)} {said}",
        until=reason.until,
    )
