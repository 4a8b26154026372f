from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from bridge.imports import text
from bridge.imports.errors import Unusable

NAMES = "phone,name\n7275550100,Müller\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (NAMES.encode(), "utf-8-sig"),
        (codecs.BOM_UTF8 + NAMES.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + NAMES.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + NAMES.encode("utf-16-be"), "utf-16"),
        (NAMES.encode("utf-16-le"), "utf-16-le"),
        (NAMES.encode("utf-16-be"), "utf-16-be"),
        (NAMES.encode("cp1252"), "cp1252"),
        (b"phone\n7275550100\n", "utf-8-sig"),
    ],
)
def test_the_encoding_is_guessed_and_the_text_comes_out(tmp_path: Path, data: bytes, encoding: str) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(data)
    assert text.survey(file).encoding == encoding
    read = "".join(text.lines(file, encoding))
    assert read.startswith("phone")
    assert ("Müller" in read) == (b"ller" in data or b"l\0l" in data)


def test_a_letter_that_is_cut_by_the_edge_of_a_piece_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "CHUNK", 3)
    file = tmp_path / "leads.csv"
    file.write_text("ab€cd€€\n", encoding="utf-8")
    assert text.survey(file).encoding == "utf-8-sig"


@pytest.mark.parametrize(
    ("data", "wanted", "said"),
    [
        (b"phone\n1\nM\x81ller \xff\x8f\n", "", "line 3: the byte 81 is not utf-8-sig"),
        (b"phone\n1\n2\nM\xfcller\n", "utf-8", "line 4: the byte fc"),
        (b"phone", "klingon", "encoding: 'klingon' is not known"),
        (b"phone", "base64", "is none of text"),
        (codecs.BOM_UTF16_LE + b"p\0h", "", "is not utf-16"),
    ],
)
def test_what_is_wrong_names_the_line(tmp_path: Path, data: bytes, wanted: str, said: str) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(data)
    with pytest.raises(Unusable, match=said):
        text.survey(file, wanted)


def test_a_large_file_without_lines_is_not_read_into_memory(tmp_path: Path) -> None:
    file = tmp_path / "sparse.csv"
    with file.open("wb") as made:
        made.truncate(200_000_000)
    with pytest.raises(Unusable, match="line 1 has more than"):
        next(text.lines(file, "utf-8"))
