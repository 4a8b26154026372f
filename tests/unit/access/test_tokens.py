"""Tokens: made, recognised, and what is stored of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.access.model import SECRET
from bridge.access.tokens import INTAKE_PREFIX, KEY_PREFIX, digest, is_token, new_token


@pytest.mark.parametrize("prefix", [KEY_PREFIX, INTAKE_PREFIX])
def test_a_new_token_is_one_of_its_kind_alone(prefix: str) -> None:
    token = new_token(prefix)
    assert re.fullmatch(r"ab[ik]_[0-9A-Za-z]{36}", token)
    assert is_token(token, prefix)
    assert not is_token(token, INTAKE_PREFIX if prefix == KEY_PREFIX else KEY_PREFIX)
    assert new_token(prefix) != token


def test_a_token_may_stand_where_the_line_format_has_a_password() -> None:
    assert SECRET.fullmatch(new_token(KEY_PREFIX))


@given(st.integers(4, 39), st.characters(codec="ascii", categories=("L", "N")))
def test_a_wrong_character_is_noticed(place: int, sign: str) -> None:
    token = new_token(KEY_PREFIX)
    changed = token[:place] + sign + token[place + 1 :]
    assert is_token(changed, KEY_PREFIX) == (changed == token)


@given(st.text())
def test_other_texts_are_none(text: str) -> None:
    assert not is_token(text, KEY_PREFIX)
    assert not is_token(KEY_PREFIX + text, KEY_PREFIX)


def test_characters_that_only_look_like_digits_are_none() -> None:
    assert not is_token(KEY_PREFIX + "\u0664" * 36, KEY_PREFIX)
    assert not is_token(KEY_PREFIX + "\ud800" * 36, KEY_PREFIX)


def test_the_checksum_is_the_one_that_scanners_compute() -> None:
    """CRC32 of the characters of chance in base 62, the digits 0-9A-Za-z, six places."""
    assert is_token("abk_" + "0" * 30 + "2C8GjS", KEY_PREFIX)
    assert not is_token("abk_" + "0" * 30 + "2C8GjT", KEY_PREFIX)


def test_what_is_stored_tells_nothing() -> None:
    token = new_token(KEY_PREFIX)
    assert re.fullmatch(r"[0-9a-f]{64}", digest(token))
    assert token[4:] not in digest(token)
