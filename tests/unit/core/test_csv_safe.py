"""CSV that a spreadsheet opens and does not calculate."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.csv_safe import cell, csv_lines


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1", "=cmd|' /C calc'!A0", "＝1+1"],  # noqa: RUF001
)
def test_what_begins_a_formula_is_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "crm", "a=b", "7275550100", "1-2", "'=1"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_numbers_stay_numbers() -> None:
    assert [cell(value) for value in (-1, -0.5, True, None)] == ["-1", "-0.5", "True", ""]


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4), max_size=4))
def test_what_is_written_is_read_back_and_starts_no_formula(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_lines(rows), newline="")))
    assert [row or [""] for row in read] == [[cell(value) for value in row] for row in rows]
    assert not any(value.lstrip(" ").startswith(tuple("=+-@\t\r\n")) for row in read for value in row)
