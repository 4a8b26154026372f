from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("either_way")

SITE = '[[campaign]]\nid = "SALES"\n[[list]]\nid = 101\ncampaign = "SALES"\ncustom_fields = {size = "TEXT"}\n'
FILE = "Mobile;Vorname;size\n030 2345678;Jürgen;XL\n12;=cmd();\n+1 727 555 0100;Ann;S\n"


@pytest.fixture
def site(command: Command) -> Command:
    assert command("load", "-", stdin=SITE).status == 0
    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "may.csv"
    made.write_text(FILE, encoding="cp1252")
    return made


def test_a_file_is_shown_and_taken_in_and_is_not_taken_in_again(site: Command, file: Path) -> None:
    words = ["lead", "import", str(file), "--list", "101", "--country", "de"]
    shown = site(*words, "--preview", "--json").json
    assert shown["layout"] == {
        "kind": "csv",
        "encoding": "cp1252",
        "delimiter": ";",
        "sheet": "",
        "header": True,
    }
    assert [one["field"] for one in shown["columns"]] == ["phone_number", "first_name", "custom.size"]
    assert (shown["rows"], shown["good"], shown["refused"][0]["row"]) == (3, 2, 3)
    done = site(*words)
    assert done.out.splitlines()[0] == "2 leads added to list 101, 1 rows refused"
    report = file.with_name("may.csv.refused.csv")
    assert report.stat().st_mode & 0o777 == 0o600
    titles, row = report.read_text(encoding="utf-8-sig").splitlines()
    assert titles == "refused_row,refused_column,refused_because,Mobile,Vorname,size"
    assert row.startswith("3,Mobile,")
    assert ",12,'=cmd()," in row  # nothing that a spreadsheet calculates
    again = site(*words, "--json").json
    assert (again["already"], again["added"], again["refused"]) == (True, 2, 1)


def test_numbers_are_read_in_the_country_of_the_list(site: Command, file: Path) -> None:
    assert site("list", "add", "102", "--campaign", "SALES", "--country", "DE").status == 0
    done = site("lead", "import", str(file), "--list", "102")
    assert done.out.splitlines()[0] == "2 leads added to list 102, 1 rows refused"
    assert site("lead", "import", str(file), "--list", "101").out.startswith("1 leads added to list 101")


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        (FILE, "--list 999", "there is no list 999"),
        (FILE, "--list 101 --map Fax=alt_phone", "there is no column 'Fax'"),
        (FILE, "--list 101 --map Fax", "--map 'Fax': a column and a field"),
        (FILE, "--list 101 --map Mobile=-", "no column is known as the telephone number"),
        (FILE, "--list 101 --duplicates DUPMOON", "'DUPMOON' is no mode"),
        (FILE, "--list 101 --country XX", "'XX' is no country"),
        (FILE, "--list 101 --delimiter ;;", "is not one sign"),
        (FILE + '030 2345679;"open;\n', "--list 101", 'row 5 (line 5): a quote "'),
        ("", "--list 101", "there is no row in it"),
    ],
)
def test_what_cannot_be_is_said_in_one_line_and_changes_nothing(
    site: Command, file: Path, content: str, words: str, said: str
) -> None:
    file.write_text(content, encoding="utf-8")
    found = site("lead", "import", str(file), *words.split())
    assert found.status == 1
    assert said in found.err
    assert "Traceback" not in found.err
    good = file.with_name("good.csv")
    good.write_text("Phone\n7275550100\n", encoding="utf-8")
    added = site("lead", "import", str(good), "--list", "101", "--duplicates", "DUPLIST", "--json").json
    assert added["refused"] == 0


def test_a_file_that_is_not_there(site: Command, tmp_path: Path) -> None:
    found = site("lead", "import", str(tmp_path / "none.csv"), "--list", "101")
    assert (found.status, "cannot read" in found.err) == (1, True)
