"""Calls that need the customer's consent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.rules import (
    ANY,
    Agreed,
    DncHit,
    DncList,
    Facts,
    Hours,
    Number,
    Permit,
    Purpose,
    Refusal,
    Rule,
    may_dial,
    normalise,
)
from bridge.rules.consent import ASKED
from bridge.rules.hours import ALWAYS

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LAW = Hours(name="law-US", rule=Rule.LAW_HOURS, source="a test", week=(ALWAYS,) * 7)


def ask(
    purpose: Purpose = Purpose.AUTO,
    wanted: str = "sales",
    known: tuple[Agreed, ...] = (),
    hits: tuple[DncHit, ...] = (),
    lists: tuple[DncList, ...] = (),
) -> Permit | Refusal:
    number = normalise("+17275550100", "", "US")
    assert isinstance(number, Number)
    facts = Facts(
        allowed_countries=frozenset({"US"}),
        hours=(LAW,),
        consent=wanted,
        consents=known,
        dnc=hits,
        dnc_lists=lists,
    )
    return may_dial(number, purpose, NOW, facts)


def agreed(days_ago: float, revoked: float | None = None, purpose: str = "sales") -> Agreed:
    ended = None if revoked is None else NOW - timedelta(days=revoked)
    return Agreed(purpose=purpose, given_at=NOW - timedelta(days=days_ago), revoked_at=ended)


@pytest.mark.parametrize("purpose", sorted(ASKED))
@pytest.mark.parametrize(
    ("wanted", "known", "may"),
    [
        ("sales", (), False),
        ("", (), True),
        ("sales", (agreed(9),), True),
        ("sales", (agreed(9, purpose="service"),), False),
        (ANY, (agreed(9, purpose="service"),), True),
        ("sales", (agreed(9, revoked=1),), False),
        ("sales", (agreed(9, revoked=3), agreed(1)), True),
        ("sales", (agreed(9, revoked=3), agreed(5)), False),  # told again of an old one
        ("sales", (agreed(9, revoked=3, purpose="service"), agreed(5)), True),
        (ANY, (agreed(9, revoked=3, purpose="service"), agreed(5)), True),
        ("sales", (agreed(-1),), False),
    ],
)
def test_what_counts(purpose: Purpose, wanted: str, known: tuple[Agreed, ...], *, may: bool) -> None:
    answer = ask(purpose, wanted, known)
    assert isinstance(answer, Permit) is may
    if isinstance(answer, Refusal):
        assert answer.rule is Rule.CONSENT
        assert "+17275550100" in answer.why


def test_a_refusal_says_that_it_was_taken_back() -> None:
    answer = ask(known=(agreed(9, revoked=1),))
    assert isinstance(answer, Refusal)
    assert answer.why == (
        "the consent for sales for +17275550100 was taken back at 2026-11-23 12:00Z,"
        " and the campaign demands one"
    )


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - ASKED))
def test_who_is_no_customer_is_not_asked(purpose: Purpose) -> None:
    assert isinstance(ask(purpose), Permit)


AGREED = st.builds(
    agreed,
    st.floats(min_value=-3, max_value=400),
    st.none() | st.floats(min_value=0, max_value=400),
    st.sampled_from(["sales", "service"]),
)


@given(
    purpose=st.sampled_from(sorted(ASKED)),
    wanted=st.sampled_from(["sales", "service", ANY]),
    known=st.lists(AGREED, max_size=6).map(tuple),
    hits=st.lists(st.builds(DncHit, kind=st.sampled_from(["number", "prefix"])), max_size=1).map(tuple),
)
def test_nothing_leaves_without_a_consent_that_holds(
    purpose: Purpose, wanted: str, known: tuple[Agreed, ...], hits: tuple[DncHit, ...]
) -> None:
    """The other way round: for each call that leaves, one was given and never taken back since."""
    answer = ask(purpose, wanted, known, hits)
    if isinstance(answer, Refusal):
        return
    assert not hits
    assert any(
        one.revoked_at is None
        and wanted in (ANY, one.purpose)
        and all(
            other.purpose != one.purpose or other.revoked_at is None or other.revoked_at < one.given_at
            for other in known
        )
        for one in known
    )
