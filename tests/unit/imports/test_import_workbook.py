from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bridge.imports import workbook
from bridge.imports.errors import Unusable
from bridge.imports.model import Plan
from bridge.imports.source import Wishes, open_source

ROWS: tuple[tuple[Any, ...], ...] = (
    ("Phone", "First name", "Birth date", "Note"),
    (7275550100, "Ann", datetime(1990, 5, 1), "=1+1"),  # noqa: DTZ001  as sheets have it
    (None, None, None, None),
    (7275550101.0, "Bob", None, None),
    ("12", "Cy", None, True),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "May"
    for row in ROWS:
        sheet.append(row)
    book.create_sheet("June").append(("Phone",))
    book.save(tmp_path / "leads.xlsx")
    return tmp_path / "leads.xlsx"


def repacked(file: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The same file with other content in some of its parts."""
    changed = file.with_name("changed.xlsx")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return changed


def test_rows_come_out_as_they_are_seen(file: Path) -> None:
    assert list(workbook.rows(file, "May")) == [
        (1, ("Phone", "First name", "Birth date", "Note")),
        (2, ("7275550100", "Ann", "1990-05-01")),  # a formula has no value until a spreadsheet was there
        (4, ("7275550101", "Bob")),
        (5, ("12", "Cy", "", "Y")),
    ]


def test_leads_of_a_sheet(file: Path) -> None:
    source = open_source(file)
    assert (source.layout.kind, source.layout.sheet, source.last_row()) == ("xlsx", "May", 5)
    columns = source.columns("US", {})
    assert columns == ("phone_number", "first_name", "date_of_birth", "comments")
    plan = Plan(layout=source.layout, list_id=101, country="US", columns=columns)
    (batch,) = source.batches(plan)
    assert [row.lead.first_name for row in batch.rows] == ["Ann", "Bob"]
    assert [(one.row, one.column) for one in batch.refused] == [(5, "Phone")]


def test_a_sheet_that_is_not_there(file: Path) -> None:
    with pytest.raises(Unusable, match="there is no sheet 'July'; there are: May, June"):
        open_source(file, Wishes(sheet="July"))


def test_a_bomb_is_not_unpacked(file: Path) -> None:
    bomb = repacked(file, lambda name, data: b" " * 50_000_000 if "sheet1" in name else data)
    with pytest.raises(Unusable, match="200 times as large unpacked"):
        open_source(bomb)


def test_entities_are_refused(file: Path) -> None:
    declared = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with pytest.raises(Unusable, match="declares XML entities"):
        open_source(repacked(file, lambda name, data: declared if "sheet1" in name else data))


@pytest.mark.parametrize("what", ["half", "no sheet", "no XML"])
def test_what_is_no_workbook(file: Path, what: str) -> None:
    if what == "half":
        file.write_bytes(file.read_bytes()[:2000])
    elif what == "no sheet":
        with zipfile.ZipFile(file, "w") as other:
            other.writestr("readme.txt", "hello")
    else:
        file = repacked(file, lambda name, data: b"hello" if "sheet1" in name else data)
    with pytest.raises(Unusable):
        open_source(file)
