from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.campaigns.errors import InvalidField
from bridge.intake.model import IntakeKey

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def key(**more: Any) -> IntakeKey:
    usual: dict[str, Any] = {"name": "web", "list_id": 101}
    return IntakeKey(**usual | more)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "two words"),
        ("name", ""),
        ("list_id", 0),
        ("expires_at", datetime(2026, 12, 31)),  # noqa: DTZ001  that is what is wrong
        ("fields", {"tel": "phone"}),
        ("fields", {"": "phone_number"}),
        ("fields", {"tel\n": "phone_number"}),
        ("fields", {f"f{n}": "comments" for n in range(101)}),
        ("fields", {"website": "comments"}),
        ("constants", {"phone_number": "7275550100"}),
        ("constants", {"owner": "a\nb"}),
        ("constants", {"status": "much too long"}),
        ("constants", {"rank": "high"}),
        ("constants", {"phone_code": "01"}),
        ("honeypot", "a\0"),
        ("next_url", "javascript:alert(1)"),
        ("next_url", "//evil.example"),
        ("next_url", "https://example.com/\r\nSet-Cookie: a=b"),
        ("origins", ("https://example.com/",)),
        ("origins", ("*",)),
        ("origins", ("null",)),
        ("address_per_hour", -1),
        ("per_day", 0),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(field: str, value: object) -> None:
    with pytest.raises(InvalidField) as caught:
        key(**{field: value})
    assert caught.value.field in (field, "honeypot")


def test_it_is_open_until_it_expires_or_is_switched_off() -> None:
    assert key().open(NOW)
    assert not key(active=False).open(NOW)
    assert key(expires_at=NOW + timedelta(seconds=1)).open(NOW)
    assert not key(expires_at=NOW).open(NOW)


CONSENT = {
    "consent_field": "agree",
    "consent_purpose": "sales",
    "consent_shown": "I may be called.\nAny day.",
}


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("consent_purpose", {"consent_purpose": ""}),
        ("consent_purpose", {"consent_purpose": "For Sales"}),
        ("consent_field", {"consent_field": ""}),
        ("consent_field", {"consent_field": "website"}),
        ("consent_field", {"consent_field": "a\0"}),
        ("consent_shown", {"consent_shown": "x" * 4001}),
        ("consent_shown", {"consent_shown": "a\0"}),
    ],
)
def test_a_consent_needs_its_box_and_what_is_agreed_to(field: str, change: dict[str, str]) -> None:
    assert key(**CONSENT).consent_purpose == "sales"
    with pytest.raises(InvalidField) as caught:
        key(**CONSENT | change)
    assert caught.value.field == field
