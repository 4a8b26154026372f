"""What the catalogue says of itself: for the AsyncAPI document, the page for people, the test of its shapes.

The words are the docstrings of the event classes and of their fields, so they are written once.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bridge.events.catalogue import CATALOGUE, PERSONAL
from bridge.events.event import Event
from bridge.events.personal import Personal

_REF = "#/components/schemas/{name}"

_USUAL: Mapping[str, str] = {
    "added": "How many became leads.",
    "asked_by": "The API user who has asked for it.",
    "asterisk": "Name of the Asterisk server.",
    "before": "What it was until now.",
    "bridge": "Id of the bridge.",
    "call_id": "Id of the call (UUID).",
    "campaign": "Id of the campaign; empty: of none.",
    "cause": "`resync`: not seen as it happened, found by comparing with a snapshot after a gap.",
    "due_at": "When it is due.",
    "host": "The host that was called.",
    "import_id": "Id of the import.",
    "key": "Name of the key.",
    "lead_id": "Id of the lead; null: none.",
    "leads": "How many.",
    "legacy_id": "The call's id in the line format.",
    "list_id": "Id of the list of leads.",
    "made_by": "Who has made it.",
    "notification": "Number of the notification.",
    "number": "The customer's number, E.164 as far as it could be read.",
    "pause_reason": "Pause code.",
    "phone": "Login of the agent's phone.",
    "phone_code": "Country code.",
    "queue": "In-group.",
    "reason": "Why.",
    "recipient": "Whose it is.",
    "recording_id": "Id of the recording.",
    "refused": "How many rows were refused.",
    "rule": "The rule that forbids it (docs/law.md).",
    "session_id": "Id of the agent's session (UUID).",
    "state": "The state that it is in now.",
    "status": "Disposition.",
    "user": "User of the agent; empty: of none.",
    "version": "Its version.",
    "why": "One sentence for people.",
}
"""Of names that mean the same in all events, where the class says no more."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of an event."""

    name: str
    schema: Mapping[str, Any]
    """JSON Schema (2020-12)."""
    meaning: str
    """As the class, or the name, has it; empty where the name says all."""
    required: bool
    personal: Personal | None


@functools.cache
def schemas() -> Mapping[str, Mapping[str, Any]]:
    """JSON Schemas of the data of all events, by type, and of what they are made of, by name."""
    kinds = tuple(CATALOGUE.values())
    refs, named = msgspec.json.schema_components(kinds, ref_template=_REF)
    own = {ref["$ref"].rpartition("/")[2]: kind.type for ref, kind in zip(refs, kinds, strict=True)}
    return {own.get(name, name): schema for name, schema in named.items()}


def fields(kind: type[Event]) -> Sequence[Field]:
    """Those of one class of events, in their order, the ones of its bases first."""
    schema = schemas()[kind.type]
    words = _field_words(kind)
    required = schema.get("required", ())
    return [
        Field(
            name=name,
            schema=told,
            meaning=words.get(name) or _USUAL.get(name, ""),
            required=name in required,
            personal=PERSONAL[kind.type].get(name),
        )
        for name, told in schema["properties"].items()
    ]


def meaning(kind: type[Event]) -> str:
    """What has happened, in the words of the class."""
    return inspect.cleandoc(kind.__doc__ or "")


def shapes() -> Mapping[str, Mapping[str, Any]]:
    """What listeners rely on, by type: who may see it, whether it is kept, and the schema of its data."""
    told = schemas()
    return {
        kind.type: {
            "right": kind.right.value,
            "retained": kind.retained,
            "final": kind.final,
            "fields": _resolved(told[kind.type]["properties"], told),
            "required": sorted(told[kind.type].get("required", ())),
        }
        for kind in CATALOGUE.values()
    }


def _resolved(schema: Any, told: Mapping[str, Any]) -> Any:
    """The schema with what it refers to in the place of the reference, and without words."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            return _resolved(told[schema["$ref"].rpartition("/")[2]], told)
        return {
            key: _resolved(value, told)
            for key, value in schema.items()
            if key not in ("title", "description")
        }
    return [_resolved(entry, told) for entry in schema] if isinstance(schema, list) else schema


def _field_words(kind: type[Event]) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, Event):
            words |= _words_in(base)
    return words


@functools.cache
def _words_in(kind: type[Event]) -> Mapping[str, str]:
    """The texts that stand under the fields of a class, which Python does not keep."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101  that is what the source of a class is
    found: dict[str, str] = {}
    for one, following in zip(body.body, body.body[1:], strict=False):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and (text := _text(following)):
            found[one.target.id] = inspect.cleandoc(text)
    return found


def _text(node: ast.stmt) -> str:
    value = node.value if isinstance(node, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
