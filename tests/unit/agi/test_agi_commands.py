from __future__ import annotations

import pytest
from agi_peer import split
from hypothesis import given
from hypothesis import strategies as st

from bridge.agi.commands import (
    LINE_LIMIT,
    LONG_LINE_LIMIT,
    answers_with_value,
    encode_command,
    encode_line,
    line_limit,
    quote,
)
from bridge.agi.errors import LocalProtocolError

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"))


@given(st.lists(TEXT, max_size=5))
def test_asterisk_reads_back_what_was_meant(arguments: list[str]) -> None:
    line = encode_command("SET VARIABLE", *arguments)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert split(line.decode()[:-1]) == ["SET", "VARIABLE", *arguments]


@given(st.text(), st.sampled_from("\r\n\0"), st.text())
def test_line_breaks_are_refused_wherever_they_stand(before: str, breaker: str, after: str) -> None:
    with pytest.raises(LocalProtocolError):
        quote(before + breaker + after.encode("utf-8", "replace").decode())
    with pytest.raises(LocalProtocolError):
        encode_line("NOOP " + breaker)


def test_an_injected_command_never_reaches_the_wire() -> None:
    with pytest.raises(LocalProtocolError):
        encode_command("SET VARIABLE", "N", 'Bob"\nEXEC System "reboot')


def test_quotes_and_backslashes_are_escaped_and_empty_is_kept() -> None:
    assert encode_command("SET VARIABLE", "X", 'a"b\\c') == b'SET VARIABLE X "a\\"b\\\\c"\n'
    assert encode_command("STREAM FILE", "beep", "", 0) == b'STREAM FILE beep "" 0\n'


def test_bytes_that_are_not_utf8_go_back_as_they_came() -> None:
    name = b"Jos\xe9".decode("utf-8", "surrogateescape")
    assert encode_command("VERBOSE", name) == b'VERBOSE "Jos\xe9"\n'


def test_a_line_is_as_long_as_asterisk_reads_and_no_longer() -> None:
    for limit in (LINE_LIMIT, LONG_LINE_LIMIT):
        fits = "x" * (limit - len("VERBOSE "))
        assert len(encode_command("VERBOSE", fits, limit=limit)) == limit + 1
        with pytest.raises(LocalProtocolError, match=str(limit)):
            encode_command("VERBOSE", fits + "x", limit=limit)


@pytest.mark.parametrize(
    ("version", "limit"),
    [
        ("16.28.0~dfsg-0+deb11u4", LINE_LIMIT),
        ("18.26.4", LINE_LIMIT),
        ("20.7-cert5", LINE_LIMIT),
        ("20.17.0", LONG_LINE_LIMIT),
        ("22.5.2", LINE_LIMIT),
        ("22.10.1~dfsg+~cs6.15.60671435-1", LONG_LINE_LIMIT),
        ("23.0.0", LINE_LIMIT),
        ("24.0.0", LONG_LINE_LIMIT),
        ("GIT-master-abc", LINE_LIMIT),
        ("", LINE_LIMIT),
    ],
)
def test_how_much_a_version_reads(version: str, limit: int) -> None:
    assert line_limit(version) == limit


def test_more_words_than_asterisk_counts_are_refused() -> None:
    with pytest.raises(LocalProtocolError, match="arguments"):
        encode_command("EXEC", *["a"] * 127)


@pytest.mark.parametrize("line", ["", "   "])
def test_nothing_is_no_command(line: str) -> None:
    with pytest.raises(LocalProtocolError):
        encode_line(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"GET VARIABLE X", True),
        (b"get full variable ${X}", True),
        (b"DATABASE GET a b", True),
        (b"RECEIVE TEXT 10", True),
        (b"GET DATA beep", False),
        (b"SET VARIABLE X 1", False),
    ],
)
def test_which_commands_answer_with_a_raw_value(line: bytes, *, expected: bool) -> None:
    assert answers_with_value(line) is expected
