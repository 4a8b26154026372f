"""Holds: nobody is called, whatever else is allowed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.rules import (
    OF_CAMPAIGN,
    PASSING,
    Facts,
    Held,
    Hold,
    Number,
    Permit,
    Purpose,
    Refusal,
    Rule,
    may_dial,
    normalise,
)
from bridge.rules.hours import ALWAYS, Hours

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
OPEN = Hours(name="law-US", rule=Rule.LAW_HOURS, source="a test", week=(ALWAYS,) * 7)


def ask(purpose: Purpose, *reasons: Held, number: str = "7275550100") -> Permit | Refusal:
    known = normalise(number, "1", "US")
    assert isinstance(known, Number)
    holds = tuple(Hold(reason=reason, since=NOW) for reason in reasons)
    facts = Facts(allowed_countries=frozenset({"US"}), hours=(OPEN,), holds=holds)
    return may_dial(known, purpose, NOW, facts)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_restored_copy_dials_nothing_at_all(purpose: Purpose) -> None:
    answer = ask(purpose, Held.RESTORED)
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.HELD
    assert answer.why == (
        "nobody is called since 2026-11-27 12:00Z: the store was restored from a copy, and nobody has"
        " confirmed its do-not-call lists and open calls (agent-bridge confirm-restore)"
    )


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.CALL_AGENT])
def test_nothing_new_is_dialled_while_drained(purpose: Purpose) -> None:
    answer = ask(purpose, Held.DRAINING)
    assert isinstance(answer, Refusal)
    assert answer.why.endswith("the bridge is being drained (agent-bridge drain --off ends that)")


def test_agents_go_on_while_drained_but_not_on_a_restored_copy() -> None:
    assert isinstance(ask(Purpose.CALL_AGENT, Held.DRAINING), Permit)
    assert isinstance(ask(Purpose.CALL_AGENT, Held.DRAINING, Held.RESTORED), Refusal)


def test_a_hold_is_told_before_what_is_wrong_with_the_number() -> None:
    """Else a lead would be set aside for good."""
    answer = ask(Purpose.AUTO, Held.DRAINING, number="4930123456")
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.HELD


def test_leads_keep_their_places_and_no_other_lead_is_tried() -> None:
    assert Rule.HELD in OF_CAMPAIGN
    assert Rule.HELD not in PASSING
