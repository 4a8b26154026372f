"""Bodies are read strictly, and the field that is wrong is named."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.exceptions import ClientException, ValidationException

from bridge.api.request import decode
from bridge.api.rest.models import DialBody, LoginBody
from bridge.api.rest.site import CampaignBody
from bridge.api.rest.users import UserBody


def wrong(body: bytes, kind: Any) -> str:
    with pytest.raises(ValidationException) as caught:
        decode(body, kind)
    extra: Any = caught.value.extra
    return str(extra[0]["key"])


def test_the_field_that_is_wrong() -> None:
    assert wrong(b'{"phone": 1, "campaign": "A"}', LoginBody) == "phone"
    assert wrong(b'{"phone": "1"}', LoginBody) == "campaign"
    assert wrong(b'{"phone": "1", "campaign": "A", "x": 1}', LoginBody) == "x"
    assert wrong(b'{"user": "abc", "rights": {"modify_users": "1"}}', UserBody) == "rights[...]"
    assert wrong(b"[]", LoginBody) == ""


@pytest.mark.parametrize(
    ("more", "field", "why"),
    [
        (b'"dial_timeout": 5', "dial_timeout", "5 is not in 15 to 600"),
        (b'"pause_codes": [{"code": "TOOLONG"}]', "pause_codes", "'TOOLONG': 1 to 6 letters"),
        (b'"pause_codes": [{"code": "A", "nmae": "x"}]', "pause_codes[0].nmae", "unknown field"),
        (b'"abandon_message": "../x"', "abandon_message", "a sound file"),
    ],
)
def test_so_is_one_that_only_the_thing_itself_can_check(more: bytes, field: str, why: str) -> None:
    with pytest.raises(ValidationException, match=why) as caught:
        decode(b'{"id": "A", ' + more + b"}", CampaignBody)
    extra: Any = caught.value.extra
    assert extra[0]["key"] == field


def test_nothing_is_bent_into_shape() -> None:
    assert wrong(b'{"lead_id": "201"}', DialBody) == "lead_id"
    assert wrong(b'{"search": 1}', DialBody) == "search"
    assert wrong(b'{"lead_id": 201.5}', DialBody) == "lead_id"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": NaN}', b"{} {}"])
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(ClientException):
        decode(body, LoginBody)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_login_or_a_client_error(body: bytes) -> None:
    """What else is raised fails the test."""
    with suppress(ClientException, ValidationException):
        assert isinstance(decode(body, LoginBody), LoginBody)
