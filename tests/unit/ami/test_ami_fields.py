"""Typed attributes over headers."""

from __future__ import annotations

import pytest

from bridge.ami.fields import Escaped, Flag, Number, Text
from bridge.ami.message import Message


class Sample(Message):
    __slots__ = ()
    text = Text("Text")
    escaped = Escaped("Escaped")
    number = Number("Number")
    other = Number("Other", -1)
    flag = Flag("Flag")


def test_reads_each_kind() -> None:
    sample = Sample(b"Event: S\r\nText: a\\n\r\nEscaped: a\\n\r\nNumber: -5\r\nOther: 7\r\nFlag: Yes")
    assert (sample.text, sample.escaped) == ("a\\n", "a\n")
    assert (sample.number, sample.other, sample.flag) == (-5, 7, True)


def test_what_is_missing_or_unreadable_gives_the_default() -> None:
    sample = Sample(b"Event: S\r\nNumber: n/a\r\nFlag: maybe")
    assert (sample.text, sample.escaped) == ("", "")
    assert (sample.number, sample.other, sample.flag) == (0, -1, False)


@pytest.mark.parametrize(
    ("value", "truth"),
    [("1", True), ("true", True), ("YES", True), ("on", True), ("0", False), ("No", False), ("", False)],
)
def test_truth_as_asterisk_writes_it(value: str, truth: bool) -> None:  # noqa: FBT001 - a parameter
    assert Sample(f"Event: S\r\nFlag: {value}".encode()).flag is truth


def test_a_field_tells_its_header() -> None:
    assert Sample.number.header == "Number"
