"""When customers may be called: whatever the zones and the clocks, never outside the hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.campaigns.call_time import CallTime
from bridge.campaigns.law import BUILT_IN
from bridge.rules import Facts, Number, Permit, Purpose, Refusal, Rule, Zones, may_dial, normalise
from bridge.rules.hours import opening, read_spans
from bridge.rules.permit import VALIDITY

EAST, DENVER = ZoneInfo("America/New_York"), ZoneInfo("America/Denver")
OFFICE = CallTime(
    name="office",
    hours="09:00-12:00 13:00-17:00",
    days={"saturday": "10:00-14:00", "sunday": ""},
    holidays={"2026-12-24": "09:00-12:00", "12-25": ""},
)
LAW = BUILT_IN["law-US"]


def number(text: str = "+17275550100") -> Number:
    known = normalise(text, "", "US")
    assert isinstance(known, Number)
    return known


def ask(
    now: datetime, *hours: CallTime, zones: tuple[str, ...] = (EAST.key,), purpose: Purpose = Purpose.MANUAL
) -> Permit | Refusal:
    facts = Facts(
        allowed_countries=frozenset({"US"}),
        hours=tuple(each.as_rule() for each in hours),
        zones=Zones(names=zones, known_by="the number"),
    )
    return may_dial(number(), purpose, now, facts)


def in_the_east(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=EAST).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ((2026, 11, 23, 8, 59), False),
        ((2026, 11, 23, 9, 0), True),
        ((2026, 11, 23, 11, 59), True),
        ((2026, 11, 23, 12, 0), False),
        ((2026, 11, 23, 16, 59), True),
        ((2026, 11, 23, 17, 0), False),
        ((2026, 11, 28, 9, 30), False),
        ((2026, 11, 28, 13, 30), True),
        ((2026, 11, 29, 11, 0), False),
        ((2026, 12, 24, 11, 0), True),
        ((2026, 12, 24, 14, 0), False),
        ((2027, 12, 25, 11, 0), False),
    ],
)
@pytest.mark.parametrize("purpose", [Purpose.MANUAL, Purpose.AUTO])
def test_days_times_and_holidays(at: tuple[int, ...], *, is_open: bool, purpose: Purpose) -> None:
    always = CallTime(name="law-US")
    assert isinstance(ask(in_the_east(*at), OFFICE, always, purpose=purpose), Permit) is is_open


def test_a_refusal_says_the_rule_the_time_the_zone_and_when_it_opens() -> None:
    answer = ask(in_the_east(2026, 11, 28, 15, 0), OFFICE)
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.CALL_TIME
    assert answer.why == (
        "it is 15:00 in America/New_York (by the number), and call time office opens 2026-11-30 09:00 there"
    )
    assert answer.opens == in_the_east(2026, 11, 30, 9, 0)


def test_the_laws_refusal_names_the_law() -> None:
    answer = ask(in_the_east(2026, 11, 23, 6, 0), LAW, purpose=Purpose.AUTO)
    assert isinstance(answer, Refusal)
    assert (answer.rule, answer.source) == (Rule.LAW_HOURS, "16 CFR 310.4(c); 47 CFR 64.1200(c)(1)")


def test_all_zones_in_which_a_number_may_be_have_to_be_open() -> None:
    both = (EAST.key, DENVER.key)
    assert isinstance(ask(in_the_east(2026, 11, 23, 8, 30), LAW, zones=both), Refusal)
    assert isinstance(ask(in_the_east(2026, 11, 23, 10, 0), LAW, zones=both), Permit)
    assert isinstance(ask(in_the_east(2026, 11, 23, 21, 0), LAW, zones=both), Refusal)


def test_nothing_is_dialled_where_nobody_knows_the_time() -> None:
    answer = ask(in_the_east(2026, 11, 23, 12, 0), LAW, zones=())
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.TIME_ZONE
    assert isinstance(ask(in_the_east(2026, 11, 23, 3, 0), BUILT_IN["24hours"], zones=()), Permit)


def test_what_dials_by_itself_needs_the_laws_hours() -> None:
    answer = ask(in_the_east(2026, 11, 23, 12, 0), BUILT_IN["24hours"], purpose=Purpose.AUTO)
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.NO_CALL_TIME


def test_a_name_without_hours_forbids() -> None:
    facts = Facts(allowed_countries=frozenset({"US"}), no_hours="gone")
    answer = may_dial(number(), Purpose.MANUAL, in_the_east(2026, 11, 23, 12, 0), facts)
    assert isinstance(answer, Refusal)
    assert (answer.rule, answer.why) == (Rule.NO_CALL_TIME, "there is no call time gone")


@pytest.mark.parametrize("purpose", [Purpose.THREE_WAY, Purpose.TRANSFER, Purpose.CALL_AGENT])
def test_third_parties_and_agents_have_no_hours(purpose: Purpose) -> None:
    assert isinstance(ask(in_the_east(2026, 11, 23, 3, 0), LAW, purpose=purpose), Permit)


def test_a_permit_ends_with_the_hours() -> None:
    answer = ask(in_the_east(2026, 11, 23, 20, 59, 50), LAW)
    assert isinstance(answer, Permit)
    assert answer.until == in_the_east(2026, 11, 23, 21, 0)


@pytest.mark.parametrize(
    "text", ["9-17", "09:00-09:00", "17:00-09:00", "09:00-12:00 11:00-13:00", "25:00-26:00"]
)
def test_times_that_cannot_be(text: str) -> None:
    assert read_spans(text) is None


def test_closed_for_good() -> None:
    assert (
        opening(
            (BUILT_IN["never"].as_rule(),), Zones(names=(EAST.key,), known_by=""), in_the_east(2026, 1, 1)
        )
        is None
    )


ZONES = st.lists(
    st.sampled_from(
        [
            "America/New_York",
            "America/Phoenix",
            "America/St_Johns",
            "Australia/Lord_Howe",
            "Europe/Berlin",
            "Asia/Calcutta",
            "Pacific/Honolulu",
            "UTC-03:30",
        ]
    ),
    min_size=1,
    max_size=3,
    unique=True,
)
MOMENTS = st.one_of(
    st.integers(0, 3 * 365 * 24 * 60).map(
        lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    # nights in which clocks change, by the minute
    st.builds(
        lambda night, minutes: night + timedelta(minutes=minutes),
        st.sampled_from([datetime(2026, *day, tzinfo=UTC) for day in ((3, 8), (11, 1), (3, 29), (10, 4))]),
        st.integers(0, 2 * 24 * 60),
    ),
)


@given(
    ZONES,
    MOMENTS,
    st.lists(st.sampled_from([OFFICE, *BUILT_IN.values()]), max_size=3),
    st.sampled_from([Purpose.MANUAL, Purpose.AUTO]),
)
@example(["America/New_York"], datetime(2026, 11, 1, 5, 30, tzinfo=UTC), [LAW], Purpose.AUTO)
def test_no_permit_is_given_outside_the_hours(
    zones: list[str], now: datetime, hours: list[CallTime], purpose: Purpose
) -> None:
    answer = ask(now, *hours, zones=tuple(zones), purpose=purpose)
    if isinstance(answer, Permit):
        assert now < answer.until <= now + VALIDITY
        for moment in (now, answer.until - timedelta(microseconds=1)):
            assert all(_open_by_hand(each, moment, zone) for each in hours for zone in zones)
        return
    closed = not all(_open_by_hand(each, now, zone) for each in hours for zone in zones)
    lawless = purpose is Purpose.AUTO and not any(each.name.startswith("law-") for each in hours)
    assert closed or lawless
    if answer.opens is not None:
        assert answer.opens > now
        assert all(_open_by_hand(each, answer.opens, zone) for each in hours for zone in zones)


def _open_by_hand(call_time: CallTime, moment: datetime, zone: str) -> bool:
    """The same, read from what an administrator has written, as a person would."""
    offset = timedelta(hours=-3, minutes=-30)
    there = moment + offset if zone.startswith("UTC") else moment.astimezone(ZoneInfo(zone))
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    text = call_time.days.get(days[there.weekday()], call_time.hours)
    text = call_time.holidays.get(f"{there:%m-%d}", text)
    text = call_time.holidays.get(f"{there:%Y-%m-%d}", text)
    return any(span[:5] <= f"{there:%H:%M}" < span[6:] for span in text.split())
