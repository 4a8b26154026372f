"""The consent that a row tells of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import UNSET

from bridge.imports import guess
from bridge.imports.consents import common_to_all
from bridge.imports.errors import Unusable
from bridge.imports.making import Maker
from bridge.imports.model import ConsentOfAll, Layout, Plan, Refusal

LAYOUT = Layout(kind="csv", encoding="utf-8", delimiter=",")
WHOLE = (
    *("phone_number", "consent_purpose", "consent_given_at"),
    *("consent_source", "consent_text", "consent_given_by"),
)
GIVEN_AT = "2026-11-01T10:00:00Z"


def plan(columns: tuple[str, ...] = WHOLE, **common: str) -> Plan:
    consent = ConsentOfAll(**common) if common else UNSET
    return Plan(layout=LAYOUT, list_id=101, country="US", columns=columns, consent=consent)


def read(cells: tuple[str, ...], **of: Any) -> Any:
    found = Maker(plan(**of), tuple(f"Title {place}" for place in range(len(cells)))).read(2, cells)
    return found if isinstance(found, Refusal) else found[1]


def test_all_that_a_consent_holds() -> None:
    given = read(("7275550100", "Sales", GIVEN_AT, "form /quote", "I agree\nto <calls>\x07", "Ann Miller"))
    assert (given.purpose, given.source, given.given_by) == ("sales", "form /quote", "Ann Miller")
    assert given.given_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert given.shown == "I agree\nto <calls>", "what was shown is kept as it was"


def test_a_row_without_one() -> None:
    assert read(("7275550100", "", "", "", "", "")) is None
    assert read(("7275550100",), columns=("phone_number",)) is None


def test_a_cell_goes_before_what_all_have_in_common() -> None:
    columns = ("phone_number", "consent_given_at", "consent_source")
    given = read(("7275550100", GIVEN_AT, ""), columns=columns, purpose="sales", source="fair", text="Yes")
    assert (given.purpose, given.source, given.shown) == ("sales", "fair", "Yes")
    given = read(("7275550100", GIVEN_AT, "phone"), columns=columns, purpose="sales", source="fair")
    assert given.source == "phone"


def test_one_that_all_rows_have() -> None:
    common = {"purpose": "sales", "source": "fair", "given_at": GIVEN_AT}
    assert read(("7275550100",), columns=("phone_number",), **common).source == "fair"


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [
        (1, "", "1 to 40 small letters"),
        (1, "a b", "1 to 40 small letters"),
        (2, "", "is no moment"),
        (2, "01/11/2026", "is no moment"),
        (2, "2026-11-01 10:00", "offset from UTC"),
        (2, "2999-01-01T00:00:00Z", "still to come"),
        (2, "0001-01-01T00:00:00+14:00", "is no moment"),
        (3, "", "say where it was given"),
        (3, "x" * 201, "201 characters; at most 200"),
        (4, "x" * 4001, "4001 characters; at most 4000"),
        (5, "\0", "NUL"),
    ],
)
def test_a_row_whose_consent_is_none_is_refused_as_a_whole(at: int, value: str, why: str) -> None:
    cells = ["7275550100", "sales", GIVEN_AT, "form", "text", "Ann"]
    cells[at] = value
    found = read(tuple(cells))
    assert isinstance(found, Refusal)
    assert why in found.why
    assert found.column == f"Title {at}"


@pytest.mark.parametrize(
    ("columns", "common", "why"),
    [
        (("phone_number", "consent_given_at"), {"purpose": "sales"}, "needs its source"),
        (("phone_number",), {"zone": "America/New_York"}, "needs its purpose"),
        (("phone_number",), {"purpose": "Not One!", "source": "x", "given_at": GIVEN_AT}, "purpose"),
        (("phone_number",), {"purpose": "sales", "source": "x", "given_at": "soon"}, "is no moment"),
        (WHOLE, {"zone": "Mars/Olympus"}, "is no time zone"),
        (WHOLE, {"zone": "../../etc/passwd"}, "is no time zone"),
        (WHOLE, {"zone": "\0"}, "is no time zone"),
    ],
)
def test_half_a_consent_for_a_whole_file(columns: tuple[str, ...], common: dict[str, str], why: str) -> None:
    with pytest.raises(Unusable, match=why) as error:
        read(("7275550100",) * len(columns), columns=columns, **common)
    assert error.value.field == "consent"


def test_words_of_a_command() -> None:
    assert common_to_all({"purpose": "sales"}) == ConsentOfAll(purpose="sales")
    with pytest.raises(Unusable, match="who"):
        common_to_all({"who": "me"})


def test_half_a_consent_is_no_guess() -> None:
    half = guess.columns(("Phone", "Opt-in date"), [], "US")
    assert half == ("phone_number", "consent_given_at")
    assert guess.without_half_a_consent(half) == ("phone_number", "")
    assert guess.without_half_a_consent(WHOLE) == WHOLE


def test_an_import_without_consents_keeps_its_name() -> None:
    """A file that was half taken in by an older version is gone on with, not begun anew."""
    old = Plan(layout=LAYOUT, list_id=101, country="US", columns=("phone_number",), duplicates="DUPLIST")
    assert old.import_id("a" * 64) == "aad0135fbe3e538e6f2a67f44d1b538a37299a1e8b586a14324c280f556c81de"
    assert old.import_id("a" * 64) != plan(("phone_number",), purpose="x").import_id("a" * 64)
