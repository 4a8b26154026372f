"""How often a number may be called, and how many a campaign may abandon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.rules import Facts, Hours, Number, Permit, Purpose, Refusal, Rule, may_dial, normalise
from bridge.rules.history import DAY, WEEK, Attempt, Drops, Limits, uk_share
from bridge.rules.hours import ALWAYS

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LAW = Hours(name="law-US", rule=Rule.LAW_HOURS, source="a test", week=(ALWAYS,) * 7)


def ask(purpose: Purpose = Purpose.AUTO, **facts: object) -> Permit | Refusal:
    number = normalise("+17275550100", "", "US")
    assert isinstance(number, Number)
    known = {"allowed_countries": frozenset({"US"}), "hours": (LAW,)} | facts
    return may_dial(number, purpose, NOW, Facts(**known))  # type: ignore[arg-type]


def rule(answer: Permit | Refusal) -> Rule | None:
    return answer.rule if isinstance(answer, Refusal) else None


def called(*hours_ago: float, abandoned: bool = False) -> tuple[Attempt, ...]:
    return tuple(Attempt(at=NOW - timedelta(hours=each), abandoned=abandoned) for each in hours_ago)


@pytest.mark.parametrize("purpose", [Purpose.MANUAL, Purpose.AUTO])
def test_so_often_a_day_and_a_week_and_when_it_may_again(purpose: Purpose) -> None:
    attempts = called(1, 5, 20, 30, 100)
    assert rule(ask(purpose, attempts=attempts, limits=Limits(per_day=4, per_week=6))) is None
    answer = ask(purpose, attempts=attempts, limits=Limits(per_day=3))
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.ATTEMPTS_PER_DAY
    assert answer.opens == NOW + timedelta(hours=4)
    assert answer.why == "the number was called 3 times within 24 hours, of 3 that the campaign allows"
    answer = ask(purpose, attempts=attempts, limits=Limits(per_week=5))
    assert isinstance(answer, Refusal)
    assert (answer.rule, answer.opens) == (Rule.ATTEMPTS_PER_WEEK, NOW + timedelta(hours=68))


def test_an_abandoned_customer_is_left_alone_by_what_dials_by_itself() -> None:
    attempts, limits = called(71, abandoned=True) + called(1), Limits(lockout_hours=72)
    answer = ask(attempts=attempts, limits=limits)
    assert isinstance(answer, Refusal)
    assert (answer.rule, answer.opens) == (Rule.DROP_LOCKOUT, NOW + timedelta(hours=1))
    assert rule(ask(Purpose.MANUAL, attempts=attempts, limits=limits)) is None
    assert rule(ask(attempts=called(72, abandoned=True), limits=limits)) is None


@pytest.mark.parametrize(
    ("answered", "abandoned", "reached"),
    [
        (0, 0, False),
        (3, 1, False),
        (50, 2, False),
        (50, 3, True),
        (100, 3, True),
        (1000, 29, False),
        (1000, 30, True),
    ],
)
def test_a_campaign_that_abandons_too_many_dials_nothing_by_itself(
    answered: int, abandoned: int, *, reached: bool
) -> None:
    drops = Drops(answered=answered, abandoned=abandoned)
    assert (rule(ask(drops=drops)) is Rule.DROP_LIMIT) is reached
    assert rule(ask(Purpose.MANUAL, drops=drops)) is None


def test_the_formula_of_the_uk() -> None:
    assert round(uk_share(abandoned=29, live=9, machines=7), 2) == 64.44
    assert uk_share(abandoned=0, live=9, machines=7) == 0
    assert uk_share(abandoned=5, live=0, machines=0) == 100


@given(
    st.lists(st.tuples(st.integers(0, 14 * 24 * 60), st.booleans()), max_size=12),
    st.integers(0, 5),
    st.integers(0, 8),
    st.integers(0, 200),
    st.sampled_from([Purpose.MANUAL, Purpose.AUTO]),
)
def test_no_permit_is_given_beyond_the_limits(
    past: list[tuple[int, bool]], per_day: int, per_week: int, lockout: int, purpose: Purpose
) -> None:
    attempts = tuple(Attempt(at=NOW - timedelta(minutes=ago), abandoned=gone) for ago, gone in past)
    limits = Limits(per_day=per_day, per_week=per_week, lockout_hours=lockout)
    answer = ask(purpose, attempts=attempts, limits=limits)
    day = sum(timedelta(minutes=ago) < DAY for ago, _ in past)
    week = sum(timedelta(minutes=ago) < WEEK for ago, _ in past)
    locked = purpose is Purpose.AUTO and any(gone and ago < lockout * 60 for ago, gone in past)
    over = (per_day and day >= per_day) or (per_week and week >= per_week) or locked
    assert isinstance(answer, Refusal) is bool(over)
    if isinstance(answer, Refusal):
        assert answer.opens is not None
        assert answer.opens > NOW
