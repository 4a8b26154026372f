"""What files are called."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.recordings.model import FILENAME, file_name, named_by

AT = datetime(2026, 11, 20, 10, 0, 5, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("about", "suffix", "name"),
    [
        ("7275550100", "", "20261120-100005_7275550100_1000"),
        ("", "", "20261120-100005_1000"),
        ("7275550100", "_abc", "20261120-100005_7275550100_1000_abc"),
        ("+17275550100", "_a/../b c", "20261120-100005_17275550100_1000_abc"),
        ("7275550100", "_abcdefghijklmnopqrst", "20261120-100005_7275550100_1000_abcdefghijklm"),
    ],
)
def test_a_name_says_when_whom_and_by_whom(about: str, suffix: str, name: str) -> None:
    assert file_name(AT, about, "1000", suffix) == name


@given(st.text(), st.text(), st.text())
def test_a_name_is_safe_whatever_is_in_it(about: str, user: str, suffix: str) -> None:
    assert FILENAME.fullmatch(file_name(AT, about, user, suffix))


def test_a_channel_names_its_file() -> None:
    assert named_by("recording-20261120") == "20261120"
    assert named_by("01920b5d-e81f-7541-b4d1-6b3b9ddbe3ea") == named_by("") == ""
