"""The AsyncAPI 3.0 document: which events there are, where they come, and what is in them.

Made from the catalogue, as the OpenAPI document is from the routes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bridge.events.catalogue import CATALOGUE, AgentEvent, AsteriskEvent, CallEvent
from bridge.events.described import fields, meaning, schemas
from bridge.events.event import Event
from bridge.events.personal import Personal

CLOUDEVENTS = "application/cloudevents+json"
_ENVELOPE = {
    "type": "object",
    "description": "CloudEvents 1.0, JSON format.",
    "required": ["specversion", "id", "source", "type", "subject", "time", "sequence", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string",
            "description": "UUIDv7; whoever sees an event twice drops the second by it.",
        },
        "source": {
            "type": "string",
            "format": "uri-reference",
            "description": "The bridge that gives it out.",
        },
        "type": {"type": "string"},
        "subject": {"type": "string", "description": "What it is about; the order is kept for each subject."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]{20}$",
            "description": "Its number in the log, without gaps, ordered as text.",
        },
        "data": {"type": "object"},
    },
}
_ABOUT = (
    "Each event once in the log, numbered without gaps, and from there at least once, in order, to every "
    "listener. A field may be added to an event, and a value to an enumeration; none is renamed or taken "
    "away: what has to change otherwise comes as a new type."
)
_LISTENING = (
    "An API user gets the events that it has the right to (`x-right`). `Last-Event-ID` goes on after that "
    "event; `type`, `subject`, `campaign`, `agent` and `call` choose. See `/v1/openapi.json`."
)
_PERSONAL = {
    Personal.NUMBER: "A customer's number: on MQTT as `[mqtt] personal` says.",
    Personal.SENTENCE: "Numbers in it are shown on MQTT as `[mqtt] personal` says.",
    Personal.TEXT: "Left out on MQTT unless `[mqtt] personal` is `full`.",
}
_LEVELS = {
    "campaign": "Id of the campaign; `-` if it is of none.",
    "agent": "User of the agent; `-` if it is of none.",
    "call": "Id of the call; `-` if it is of none.",
}
_STATES: Mapping[str, tuple[type[Event], str]] = {
    "agents": (AgentEvent, "User of the agent."),
    "calls": (CallEvent, "Id of the call."),
    "asterisk": (AsteriskEvent, "Name of the server."),
}
"""Whose last event is kept, by the first part of the topic."""


def document(version: str, prefix: str) -> dict[str, Any]:
    """The document.

    Args:
        version: of the bridge.
        prefix: first part of the MQTT topics.
    """
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Agent bridge: events",
            "version": version,
            "description": _ABOUT,
        },
        "defaultContentType": CLOUDEVENTS,
        "channels": {"stream": _stream(), **_topics(prefix), **_states(prefix), "online": _online(prefix)},
        "operations": dict(_operations()),
        "components": {
            "messages": {kind.type: _message(kind) for kind in CATALOGUE.values()},
            "schemas": {"Envelope": _ENVELOPE, **schemas(), **_described()},
        },
    }


def _described() -> Mapping[str, Any]:
    """The schemas of the events with the words of their fields."""
    return {
        kind.type: {
            **schemas()[kind.type],
            "title": kind.type,
            "description": meaning(kind),
            "properties": {
                field.name: {**field.schema, **_words(field.meaning, field.personal)}
                for field in fields(kind)
            },
        }
        for kind in CATALOGUE.values()
    }


def _words(said: str, personal: Personal | None) -> Mapping[str, str]:
    text = " ".join(filter(None, (said, _PERSONAL[personal] if personal else "")))
    return {"description": text} if text else {}


def _message(kind: type[Event]) -> Mapping[str, Any]:
    own = {
        "properties": {"type": {"const": kind.type}, "data": {"$ref": f"#/components/schemas/{kind.type}"}}
    }
    return {
        "name": kind.type,
        "title": kind.type,
        "summary": meaning(kind).partition("\n\n")[0].replace("\n", " "),
        "contentType": CLOUDEVENTS,
        "payload": {"allOf": [{"$ref": "#/components/schemas/Envelope"}, own]},
        "x-right": kind.right.value,
    }


def _stream() -> Mapping[str, Any]:
    return {
        "address": "/v1/events",
        "title": "Server-sent events",
        "description": _LISTENING,
        "messages": _refs(CATALOGUE),
        "bindings": {"http": {}},
    }


def _topics(prefix: str) -> Mapping[str, Any]:
    return {
        f"mqtt.{name}": {
            "address": f"{prefix}/events/{name.replace('.', '/')}/{{campaign}}/{{agent}}/{{call}}",
            "title": f"MQTT: {name}",
            "messages": _refs([name]),
            "parameters": {level: {"description": words} for level, words in _LEVELS.items()},
        }
        for name in CATALOGUE
    }


def _states(prefix: str) -> Mapping[str, Any]:
    return {
        f"mqtt.state.{family}": {
            "address": f"{prefix}/{family}/{{name}}/state",
            "title": f"MQTT, retained: states of {family}",
            "description": "The last event of each, as long as it lives.",
            "messages": _refs(name for name, kind in CATALOGUE.items() if _is_kept(kind, base)),
            "parameters": {"name": {"description": words}},
        }
        for family, (base, words) in _STATES.items()
    }


def _is_kept(kind: type[Event], base: type[Event]) -> bool:
    return issubclass(kind, base) and kind.retained and not kind.final


def _online(prefix: str) -> Mapping[str, Any]:
    schema = {"type": "object", "required": ["online"], "properties": {"online": {"type": "boolean"}}}
    return {
        "address": f"{prefix}/bridge/{{bridge}}/online",
        "title": "MQTT, retained: whether a bridge is there",
        "description": "`false` by last will when the bridge dies.",
        "parameters": {"bridge": {"description": "Id of the bridge, `[mqtt] client_id`."}},
        "messages": {
            "online": {"name": "online", "contentType": "application/json", "payload": schema},
        },
    }


def _operations() -> Iterator[tuple[str, Mapping[str, Any]]]:
    channels = [
        "stream",
        *(f"mqtt.{name}" for name in CATALOGUE),
        *(f"mqtt.state.{name}" for name in _STATES),
    ]
    for name in (*channels, "online"):
        yield f"send.{name}", {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}


def _refs(names: Iterable[str]) -> Mapping[str, Any]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}
