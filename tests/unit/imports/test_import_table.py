from __future__ import annotations

from pathlib import Path

import pytest

from bridge.imports import table
from bridge.imports.errors import Unusable


def written(tmp_path: Path, content: str) -> Path:
    file = tmp_path / "leads.csv"
    file.write_text(content, encoding="utf-8", newline="")
    return file


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("a\tb, c\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('a;b\n"x,y,z";2\n', ";"),
        ("phone\n7275550100\n", ","),
    ],
)
def test_the_delimiter_is_guessed(tmp_path: Path, content: str, delimiter: str) -> None:
    assert table.guess_delimiter(written(tmp_path, content), "utf-8") == delimiter


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path: Path) -> None:
    file = written(tmp_path, 'a,b\r\n\r\n"line one\nline two",2\r\n3,"say ""hi"""')
    assert list(table.rows(file, "utf-8", ",")) == [
        (1, ("a", "b")),
        (3, ("line one\nline two", "2")),
        (4, ("3", 'say "hi"')),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('a,b\n1,2\n"x\ny",3\n4,"open\n5,6\n', r'row 4 \(line 5\): a quote " is opened and not closed'),
        ('a,"', r"row 1 \(line 1\): a quote"),
        ('a,b\n1,"' + "x,y\n" * 50_000, r"row 2 \(line 2\): a quote"),
        (",".join("x" * 10_000) + "\n", "row 1 has 10000 columns; at most 1000"),
    ],
)
def test_what_is_no_table_is_said_with_row_and_line(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        list(table.rows(written(tmp_path, content), "utf-8", ","))
