"""The AsyncAPI document and the page for people say what the catalogue says."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from test_events_catalogue import example

from bridge.events.asyncapi import document
from bridge.events.catalogue import CATALOGUE, Event, encode
from bridge.events.described import fields, meaning
from bridge.events.envelope import EventRecord, about, envelope
from bridge.events.topics import event_topic, state_topic

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DOCS = Path(__file__).parents[3] / "docs"
TOLD = document("1.0", "ab")
KINDS = pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE.keys())


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from references(value)


def at(reference: str) -> Any:
    found: Any = TOLD
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def record(event: Event) -> EventRecord:
    data = msgspec.Raw(encode(event).encode())
    return EventRecord(7, "an-id", event.type, event.subject, NOON, data)


def test_the_page_is_current() -> None:
    written = runpy.run_path(str(DOCS / "make_events.py"))["render"]()
    assert (DOCS / "events.md").read_text(encoding="utf-8") == written, "run: python docs/make_events.py"


def test_every_reference_leads_somewhere() -> None:
    for reference in references(TOLD):
        assert at(reference), reference


@KINDS
def test_an_event_is_what_the_document_says(kind: type[Event]) -> None:
    schema = {**TOLD["components"]["messages"][kind.type]["payload"], "components": TOLD["components"]}
    body = msgspec.json.decode(envelope(record(example(kind)), "/agent-bridge/main"))
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid(body), list(validator.iter_errors(body))
    for name in ("type", "sequence", "data"):
        assert not validator.is_valid({**body, name: 7})


@KINDS
def test_an_event_comes_where_the_document_says(kind: type[Event]) -> None:
    channel = TOLD["channels"][f"mqtt.{kind.type}"]
    event = example(kind)
    whose = about(record(event))
    names = {"campaign": whose.campaign, "agent": whose.user, "call": whose.call_id or ""}
    shown = {level: name or "-" for level, name in names.items()}
    assert event_topic("ab", kind.type, **names) == channel["address"].format(**shown)
    assert list(channel["messages"]) == [kind.type]
    family, _, name = event.subject.partition("/")
    states = TOLD["channels"].get(f"mqtt.state.{family}", {"messages": {}})
    assert (kind.type in states["messages"]) == (kind.retained and not kind.final)
    if kind.retained:
        assert state_topic("ab", event.subject) == states["address"].format(name=name)


@KINDS
def test_every_event_and_field_has_its_words(kind: type[Event]) -> None:
    told = TOLD["components"]["schemas"][kind.type]
    assert told["description"] == meaning(kind) != ""
    for field in fields(kind):
        if field.personal:
            assert "MQTT" in told["properties"][field.name]["description"]
    words = {field.name: field.meaning for field in fields(kind)}
    assert all(words[name] for name in ("user", "campaign", "call_id", "lead_id", "state") if name in words)


def test_words_of_a_field_are_those_under_it() -> None:
    words = {field.name: field.meaning for field in fields(CATALOGUE["call.ended"])}
    assert words["hangup_cause"] == "Q.850 cause."
    assert words["parent"] == "Id of the call that it was made for, or goes on for."
