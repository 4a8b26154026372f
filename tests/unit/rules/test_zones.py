"""Where a customer may be."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.rules import Home, Number, normalise, states_of, zones_of
from bridge.rules.places import AREA_CODES, POSTAL_LETTERS, ZIP_PREFIXES, ZONES
from bridge.rules.zones import clock

WINTER = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
EAST, DENVER, PHOENIX, WEST = (
    "America/New_York",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
)


def number(text: str) -> Number:
    known = normalise(text, "", "US")
    assert isinstance(known, Number), known
    return known


def zones(text: str, now: datetime = WINTER, **home: object) -> tuple[set[str], str]:
    found = zones_of(number(text), Home(**home), now)  # type: ignore[arg-type]
    return set(found.names), found.known_by


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("+17275550100", {EAST}),
        ("+16025550100", {PHOENIX}),
        ("+12085550100", {"America/Boise", WEST}),
        ("+493023125000", {"Europe/Berlin"}),
        ("+870123456789", set()),
    ],
)
def test_by_the_number_every_zone_in_which_it_may_be(text: str, wanted: set[str]) -> None:
    assert zones(text) == (wanted, "the number")


def test_a_mobile_number_of_a_country_with_many_zones_may_be_in_any() -> None:
    found, _ = zones("+61412345678")
    assert {"Australia/Perth", "Australia/Sydney"} <= found


@pytest.mark.parametrize(
    ("postal_code", "wanted"),
    [
        ("90210", {WEST}),
        ("85001-1234", {PHOENIX, DENVER}),
        ("80202", {DENVER}),
        ("3000", {EAST}),
        ("", {EAST}),
    ],
)
def test_a_postal_code_is_nearer_than_the_number(postal_code: str, wanted: set[str]) -> None:
    assert zones("+17275550100", postal_code=postal_code)[0] == wanted


def test_canadian_postal_codes() -> None:
    assert zones("+14165550100", postal_code="v6b 1a1")[0] == {
        "America/Vancouver",
        "America/Edmonton",
        "America/Fort_Nelson",
    }


@pytest.mark.parametrize("minutes", [-300, -240])
def test_an_offset_may_have_been_given_with_or_without_daylight_saving(minutes: int) -> None:
    assert zones("+17275550100", SUMMER, offset_minutes=minutes)[0] == {EAST}


def test_an_offset_of_another_part_of_the_country() -> None:
    """A number of Florida that has moved to the mountains, or to Arizona, which saves no daylight."""
    found, known_by = zones("+17275550100", offset_minutes=-420)
    assert {DENVER, PHOENIX} <= found
    assert EAST not in found
    assert known_by == "the lead's offset"


def test_an_offset_of_nowhere_in_the_country_lets_nobody_call_at_night() -> None:
    """0.00 is what callers send that do not know it: the number's own zone holds beside it."""
    assert zones("+17275550100", offset_minutes=0)[0] == {"UTC+00:00", EAST}


def test_an_offset_wins_over_a_postal_code() -> None:
    assert zones("+17275550100", offset_minutes=-300, postal_code="90210")[0] == {EAST}


@pytest.mark.parametrize(
    ("text", "home", "wanted"),
    [
        ("+17275550100", {}, ("FL",)),
        ("+17275550100", {"state": "ca"}, ("CA",)),
        ("+17275550100", {"state": "Florida", "postal_code": "90210"}, ("CA",)),
        ("+17275550100", {"state": "NY", "postal_code": "90210"}, ("CA", "NY")),
        ("+17275550100", {"state": "XX"}, ("FL",)),
        ("+18005550100", {}, ()),
        ("+493023125000", {"state": "BY"}, ("BY",)),
    ],
)
def test_states(text: str, home: dict[str, str], wanted: tuple[str, ...]) -> None:
    assert states_of(number(text), Home(**home)) == wanted  # type: ignore[arg-type]


def test_the_tables_know_the_same_states() -> None:
    known = {state for states in ZONES.values() for state in states.split()}
    assert set(AREA_CODES) <= known
    assert set(ZIP_PREFIXES) | set(POSTAL_LETTERS) == known
    for names in ZONES:
        for name in names:
            assert isinstance(clock(name), ZoneInfo)
