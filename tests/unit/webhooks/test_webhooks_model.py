"""What can be a webhook, and which events it wants."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from bridge.campaigns.errors import InvalidField
from bridge.events.envelope import EventRecord
from bridge.webhooks.model import Webhook
from bridge.webhooks.source import OF_OURSELVES, Webhooks, wants

URL = "https://crm.example/in"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "a b"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"url": "ftp://crm.example"}, "url"),
        ({"url": "https://user:secret@crm.example"}, "url"),
        ({"url": "https://crm.example/a b"}, "url"),
        ({"url": "https://crm.example/\r\nX: y"}, "url"),
        ({"url": "https://crm.example/" + "x" * 3000}, "url"),
        ({"types": ("call.teleported",)}, "types"),
        ({"types": ("",)}, "types"),
        ({"title": "a\nb"}, "title"),
        ({"campaign": "a b"}, "campaign"),
        ({"generation": 0}, "generation"),
    ],
    ids=str,
)
def test_what_cannot_be_one(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidField) as caught:
        Webhook(**{"name": "crm", "url": URL} | fields)
    assert caught.value.field == field


def record(kind: str, campaign: str) -> EventRecord:
    data = msgspec.Raw(msgspec.json.encode({"campaign": campaign}))
    return EventRecord(1, "i", kind, "calls/c1", datetime(2026, 11, 27, tzinfo=UTC), data)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, True),
        ({"types": ("call.ended",)}, True),
        ({"types": ("call",)}, True),
        ({"types": ("agent", "call.bridged")}, False),
        ({"campaign": "SALES"}, True),
        ({"campaign": "OTHER"}, False),
        ({"active": False}, False),
    ],
    ids=str,
)
def test_of_what_it_is_told(fields: dict[str, Any], *, told: bool) -> None:
    assert wants(Webhook(name="crm", url=URL, **fields), record("call.ended", "SALES")) is told


def test_a_delivery_that_fails_makes_no_other() -> None:
    assert not set(OF_OURSELVES) & set(Webhooks.types)
    assert "call.disposed" in Webhooks.types
