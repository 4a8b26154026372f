"""Caller-id groups: which number is shown to whom."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.campaigns.caller_id_group import MOST, CallerIdEntry, CallerIdGroup
from bridge.campaigns.errors import InvalidField
from bridge.rules import Number, normalise


def number(text: str, country: str = "US") -> Number:
    found = normalise(text, "", country)
    assert isinstance(found, Number)
    return found


def group(*entries: tuple[str, str]) -> CallerIdGroup:
    return CallerIdGroup(
        name="LOCAL", entries=tuple(CallerIdEntry(area=area, number=digits) for area, digits in entries)
    )


AREAS = group(
    ("727", "7275550001"),
    ("727555", "7275550002"),
    ("FL", "8135550003"),
    ("ON", "4165550004"),
    ("NONE", "8005550005"),
)


@pytest.mark.parametrize(
    ("called", "state", "shown"),
    [
        ("7274440100", "", "7275550001"),
        ("7275550100", "", "7275550002"),  # the longest area code
        ("7274440100", "TX", "7275550001"),  # goes before the state
        ("3054440100", "", "8135550003"),  # the state of the area code
        ("2125550100", "fl", "8135550003"),  # that of the lead
        ("3054440100", "TX", "8005550005"),
        ("+14164440100", "", "4165550004"),  # one numbering plan, another country
        ("2125550100", "", "8005550005"),
        ("+49727555010", "FL", "8005550005"),  # area codes are those of the site's country
    ],
)
def test_the_number_of_her_area_is_shown(called: str, state: str, shown: str) -> None:
    assert AREAS.shown_to(number(called), state, "US") == shown


def test_area_codes_are_those_of_the_sites_country() -> None:
    german = group(("30", "3023125000"), ("NONE", "8005550005"))
    assert german.shown_to(number("030 2345678", "DE"), "", "DE") == "3023125000"
    assert german.shown_to(number("+13054440100"), "", "DE") == "8005550005"


def test_nothing_is_shown_where_nothing_is_for_her() -> None:
    assert group(("727", "7275550001")).shown_to(number("2125550100"), "", "US") == ""
    off = CallerIdGroup(name="OFF", entries=(CallerIdEntry(area="NONE", number="7275550001", active=False),))
    assert off.shown_to(number("2125550100"), "", "US") == ""


def test_of_several_numbers_each_is_shown_and_to_one_person_always_the_same() -> None:
    several = group(("727", "7275550001"), ("727", "7275550002"), ("727", "7275550003"))
    called = [number(f"72744401{last:02}") for last in range(60)]
    shown = [several.shown_to(one, "", "US") for one in called]
    assert set(shown) == {"7275550001", "7275550002", "7275550003"}
    assert shown == [several.shown_to(one, "", "US") for one in called]


@pytest.mark.parametrize(
    "values",
    [
        {"area": "", "number": "7275550001"},
        {"area": "fl", "number": "7275550001"},
        {"area": "1234567", "number": "7275550001"},
        {"area": "---ALL---", "number": "7275550001"},
        {"area": "727\n", "number": "7275550001"},
        {"area": "727", "number": ""},
        {"area": "727", "number": "+17275550001"},
        {"area": "727", "number": "7" * 21},
        {"area": "727", "number": "7275550001", "description": "a\rb"},
    ],
)
def test_an_entry_is_an_area_and_a_number(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidField, match="entries"):
        CallerIdEntry(**values)


def test_an_entry_is_there_once() -> None:
    with pytest.raises(InvalidField, match="twice"):
        group(("727", "7275550001"), ("727", "7275550001"))
    with pytest.raises(InvalidField, match="at most"):
        group(*(("727", f"727{last:07}") for last in range(MOST + 1)))


def test_groups_with_the_same_entries_are_equal() -> None:
    assert group(("727", "1"), ("FL", "2")) == group(("FL", "2"), ("727", "1"))
