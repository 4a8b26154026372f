"""Do-not-call lists at the gate: entries that forbid, and lists that are too old."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.rules import (
    OF_CAMPAIGN,
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
from bridge.rules.hours import ALWAYS

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LAW = Hours(name="law-US", rule=Rule.LAW_HOURS, source="a test", week=(ALWAYS,) * 7)


def ask(purpose: Purpose = Purpose.AUTO, now: datetime = NOW, **facts: object) -> Permit | Refusal:
    number = normalise("+17275550100", "", "US")
    assert isinstance(number, Number)
    known = {"allowed_countries": frozenset({"US"}), "hours": (LAW,)} | facts
    return may_dial(number, purpose, now, Facts(**known))  # type: ignore[arg-type]


def the_list(dated: date, name: str = "US") -> DncList:
    return DncList(name=name, version="11a", dated=dated)


@pytest.mark.parametrize(
    ("hit", "words"),
    [
        (DncHit(list="US", version="11a"), "+17275550100 is on do-not-call list US, version 11a"),
        (
            DncHit(list="OWN", version="2", campaign="SPRING"),
            "+17275550100 is on do-not-call list OWN, version 2, of campaign SPRING",
        ),
        (
            DncHit(kind="prefix", entry="1727"),
            "+17275550100 is on the do-not-call list, as all of +1727",
        ),
        (
            DncHit(kind="area_code", entry="727"),
            "+17275550100 is on the do-not-call list, as all of area code 727",
        ),
    ],
)
def test_a_refusal_names_the_list_and_the_entry(hit: DncHit, words: str) -> None:
    answer = ask(Purpose.MANUAL, dnc=(hit,))
    assert isinstance(answer, Refusal)
    assert answer.rule is (Rule.DNC_CAMPAIGN if hit.campaign else Rule.DNC_SYSTEM)
    assert answer.why == words


def test_a_needed_list_is_good_until_the_end_of_its_last_day() -> None:
    dated = date(2026, 10, 24)
    needs: dict[str, Any] = {"needed_lists": ("US",), "dnc_lists": (the_list(dated),), "dnc_days": 31}
    last = datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)
    assert isinstance(ask(now=last, **needs), Permit)
    answer = ask(now=last + timedelta(seconds=1), **needs)
    assert isinstance(answer, Refusal)
    assert (answer.rule, answer.rule in OF_CAMPAIGN) == (Rule.DNC_STALE, True)
    assert answer.why.startswith("do-not-call list US, which the campaign needs, is of 2026-10-24")
    assert "16 CFR 310.4" in answer.source


def test_a_needed_list_that_is_not_there_stops_the_campaign_too() -> None:
    answer = ask(needed_lists=("US", "FL"), dnc_lists=(the_list(NOW.date()),))
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.DNC_STALE
    assert "list FL" in answer.why


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.AUTO}))
def test_who_calls_by_hand_goes_on(purpose: Purpose) -> None:
    assert isinstance(ask(purpose, needed_lists=("US",)), Permit)


def test_a_stale_list_that_nobody_needs_stops_nothing_and_still_forbids() -> None:
    old = the_list(date(2020, 1, 1))
    assert isinstance(ask(dnc_lists=(old,)), Permit)
    assert isinstance(ask(dnc_lists=(old,), dnc=(DncHit(list="US", version="11a"),)), Refusal)


@given(
    purpose=st.sampled_from([each for each in Purpose if each is not Purpose.CALL_AGENT]),
    hits=st.lists(
        st.builds(
            DncHit,
            campaign=st.sampled_from(["", "SPRING"]),
            kind=st.sampled_from(["number", "area_code", "prefix"]),
            entry=st.sampled_from(["", "727", "1727"]),
            list=st.sampled_from(["", "US"]),
        ),
        min_size=1,
    ).map(tuple),
    age=st.integers(min_value=0, max_value=400),
    days=st.integers(min_value=1, max_value=365),
    needed=st.sampled_from([(), ("US",), ("FL",)]),
)
def test_whatever_the_rules_nothing_leaves_against_an_entry(
    purpose: Purpose, hits: tuple[DncHit, ...], age: int, days: int, needed: tuple[str, ...]
) -> None:
    lists = (the_list(NOW.date() - timedelta(days=age)),)
    answer = ask(purpose, dnc=hits, dnc_lists=lists, dnc_days=days, needed_lists=needed)
    assert isinstance(answer, Refusal)
    assert answer.rule in {Rule.DNC_SYSTEM, Rule.DNC_CAMPAIGN}


@given(
    age=st.integers(min_value=0, max_value=400),
    days=st.integers(min_value=1, max_value=365),
    hour=st.integers(min_value=0, max_value=23),
)
def test_no_automatic_call_leaves_on_a_stale_list(age: int, days: int, hour: int) -> None:
    now = NOW.replace(hour=hour)
    lists = (the_list(now.date() - timedelta(days=age)),)
    answer = ask(now=now, needed_lists=("US",), dnc_lists=lists, dnc_days=days)
    assert isinstance(answer, Permit) == (age <= days)
