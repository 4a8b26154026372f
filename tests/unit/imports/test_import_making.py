from __future__ import annotations

import pytest

from bridge.imports.errors import Unusable
from bridge.imports.making import Maker
from bridge.imports.model import Layout, Plan, Refusal
from bridge.leads.model import NewLead

LAYOUT = Layout(kind="csv", encoding="utf-8", delimiter=",")
COLUMNS = ("phone_number", "full_name", "comments", "rank", "custom.size")
TITLES = ("Phone", "Name", "Note", "Rank", "Size")


def maker(country: str = "US", columns: tuple[str, ...] = COLUMNS) -> Maker:
    return Maker(Plan(layout=LAYOUT, list_id=101, country=country, columns=columns), TITLES)


def made(*cells: str, country: str = "US") -> NewLead:
    lead = maker(country).lead(2, cells)
    assert isinstance(lead, NewLead), lead
    return lead


def refused(*cells: str) -> tuple[str, str]:
    found = maker().lead(7, cells)
    assert isinstance(found, Refusal)
    assert found.row == 7
    return found.column, found.why


def test_a_row_becomes_a_lead() -> None:
    lead = made("(727) 555-0100", "Ann Lee\r\nO'Hara", "one\ntwo", "5", "XL")
    assert (lead.list_id, lead.phone_code, lead.phone_number) == (101, "1", "7275550100")
    assert (lead.first_name, lead.last_name) == ("Ann Lee", "O'Hara")
    assert (lead.comments, lead.rank, lead.custom) == ("one\ntwo", 5, {"size": "XL"})


@pytest.mark.parametrize(
    ("country", "number", "found"),
    [
        ("DE", "030 2345678", ("49", "302345678")),
        ("DE", "+1 727 555 0100", ("1", "7275550100")),
        ("GB", "020 7946 0018", ("44", "2079460018")),
        ("US", "'+1-727-555-0100", ("1", "7275550100")),  # as our own reports protect it
    ],
)
def test_numbers_are_read_for_the_country(country: str, number: str, found: tuple[str, str]) -> None:
    lead = made(number, "", "", "", "", country=country)
    assert (lead.phone_code, lead.phone_number) == found


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        (("1" * 40, "", "", "", ""), "Phone", "has not the length|cannot be read|something else|characters"),
        (("", "Ann", "", "", ""), "Phone", "the number is empty"),
        (("911", "", "", "", ""), "Phone", "911"),
        (("7.27556E+09", "", "", "", ""), "Phone", "was rounded by a spreadsheet"),
        (("=1+1", "", "", "", ""), "Phone", "something else than digits"),
        (("7275550100", "x" * 256, "", "", ""), "Name", "256 characters; at most 255"),
        (("7275550100", "a\0b", "", "", ""), "Name", "NUL"),
        (("7275550100", "", "", "high", ""), "Rank", "a whole number"),
        (("7275550100", "Ann"), "", "it has 2 cells, where the first row has 5"),
        (("7275550100", "", "x" * 100_001, "", ""), "", "100011 characters; at most 100000"),
    ],
)
def test_what_cannot_be_a_lead_is_refused_with_column_and_reason(
    cells: tuple[str, ...], column: str, said: str
) -> None:
    where, why = refused(*cells)
    assert where == column
    assert any(part in why for part in said.split("|")), why


def test_a_formula_in_a_name_stays_text() -> None:
    assert made("7275550100", "=HYPERLINK(1) Lee", "", "", "").first_name == "=HYPERLINK(1)"


def test_without_a_number_there_is_no_lead() -> None:
    with pytest.raises(Unusable, match="no column is known as the telephone number"):
        maker(columns=("", "full_name", "", "", ""))
