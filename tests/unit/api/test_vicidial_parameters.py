"""How a query string or a form is taken apart: as the standard library does it."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.api.vicidial.parameters import parse_fields

_PIECES = st.sampled_from(
    ["&", "=", "+", "%", "%2", "%20", "%2B", "%26", "%ff", "%C3%A9", "%zz", ";", "a", "é", " "]
)


@given(st.one_of(st.lists(_PIECES).map("".join), st.text(st.characters(max_codepoint=255))))
@example("")
@example("&&a&=b&c==d&a=2")
@example("value=%2528727%2529+555")
def test_as_the_standard_library_does(text: str) -> None:
    assert parse_fields(text.encode("latin-1")) == parse_qsl(text, keep_blank_values=True)


@pytest.mark.parametrize(("sent", "read"), [(b"a=%C3%A9", "é"), (b"a=%E9", "\ufffd"), (b"a=1+1%2B", "1 1+")])
def test_what_is_encoded_is_read_as_utf_8(sent: bytes, read: str) -> None:
    assert parse_fields(sent) == [("a", read)]
