"""The envelope is CloudEvents 1.0 as its own SDK understands it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat

from bridge.events.catalogue import LeadAdded, Right, encode
from bridge.events.envelope import EventRecord, envelope, source_of

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
EVENT = LeadAdded(lead_id=7, list_id=101, source="wëb")


def record(kind: str = "lead.added") -> EventRecord:
    return EventRecord(42, "an-id", kind, "leads/7", NOON, msgspec.Raw(encode(EVENT).encode()))


def test_the_sdk_reads_what_we_write() -> None:
    body = envelope(record(), source_of("main"))
    message = HTTPMessage(headers={"content-type": "application/cloudevents+json"}, body=body)
    event = from_structured_event(message, JSONFormat())
    assert (event.get_id(), event.get_type(), event.get_subject()) == ("an-id", "lead.added", "leads/7")
    assert (event.get_source(), event.get_time()) == ("/agent-bridge/main", NOON)
    assert event.get_extension("sequence") == "00000000000000000042"
    assert event.get_data() == {"lead_id": 7, "list_id": 101, "campaign": "", "source": "wëb"}


def test_sequences_sort_as_text_as_they_do_as_numbers() -> None:
    texts = [
        msgspec.json.decode(envelope(msgspec.structs.replace(record(), seq=seq), "/"))["sequence"]
        for seq in (9, 10, 99, 2**63 - 1)
    ]
    assert texts == sorted(texts)


@pytest.mark.parametrize("name", ["a b", "ü/é", "x?y#z"])
def test_any_name_makes_a_source_that_is_a_uri_reference(name: str) -> None:
    assert source_of(name).isascii()
    assert source_of(name).count("/") == 2
    assert not set("?# ") & set(source_of(name))


def test_a_record_gives_its_event_and_right() -> None:
    assert record().event == EVENT
    assert record().right is Right.LEADS
    assert record("lead.teleported").right is Right.SYSTEM
