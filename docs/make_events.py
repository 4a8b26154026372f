"""Write `events.md` from the catalogue of events: `python docs/make_events.py`."""  # noqa: INP001 - a script, not a package

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bridge.events.catalogue import CATALOGUE
from bridge.events.described import Field, fields, meaning, schemas
from bridge.events.event import Event

FILE = Path(__file__).parent / "events.md"

HEAD = """\
# Events

<!-- Written by docs/make_events.py from the classes in the code; a test fails if it is old. -->

Each event has a number without gaps, an id, a subject and a time, in a CloudEvents 1.0 envelope; what is
below is its `data`. The same, for programs, is `GET /v1/asyncapi.json` (AsyncAPI 3.0). How they come, by
server-sent events and MQTT: [operations.md](operations.md#events).

A field may be added, and a value to an enumeration: pass over what you do not know. None is renamed or
taken away; what has to change otherwise comes as a new type. A test holds each type to the shape that it
has had. The table at the head of a family has the fields of all its types, but for those that say
otherwise.

**personal**: `number` is a customer's number and `sentence` a text of ours in which one may stand; on MQTT
both are shown as `[mqtt] personal` says. `text` is what people or other systems have written: on MQTT only
with `full`.
"""

FAMILIES = {
    "agent": "An agent's session",
    "screen": "An agent's screen",
    "notification": "Notifications",
    "call": "A call",
    "recording": "Recordings",
    "lead": "A lead",
    "person": "A person who was erased",
    "callback": "A callback",
    "list": "A list of leads",
    "import": "Files of leads",
    "intake": "Web forms",
    "hopper": "The hopper of a campaign",
    "campaign": "A campaign",
    "dnc": "Do-not-call lists",
    "hold": "Holds",
    "delivery": "Deliveries to other systems",
    "user": "Users",
    "apiuser": "API users",
    "asterisk": "The link to an Asterisk",
    "bridge": "The bridge itself",
}
"""First parts of the types, in the order of the page."""


def kind_of(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return kind_of(schemas()[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return " or ".join(kind_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" if value else "empty" for value in schema["enum"])
    if "properties" in schema:
        return "object of " + ", ".join(f"`{name}`" for name in schema["properties"])
    if schema.get("type") == "array":
        return f"list of {kind_of(schema['items'])}s"
    return "time" if schema.get("format") == "date-time" else str(schema["type"])


def row(field: Field) -> str:
    """A field in a table."""
    said = field.meaning.replace("\n", " ").replace("|", "\\|").rstrip(".")
    note = f"**personal** ({field.personal})" if field.personal else ""
    return f"| `{field.name}` | {kind_of(field.schema)} | {'; '.join(filter(None, [said, note]))} |"


def table(rows: Iterable[Field]) -> str:
    """Fields, if there are any."""
    lines = [row(field) for field in rows]
    return "\n".join(["| field | | |", "|---|---|---|", *lines]) if lines else ""


def entry(kind: type[Event], common: type[Event]) -> str:
    """One type, with the fields that it has beside those of its family's class."""
    kept = "Kept as a state." if kind.retained and not kind.final else ""
    kept = "The end of its subject: a kept state is taken away." if kind.final else kept
    inherited = set(common.__struct_fields__) if issubclass(kind, common) else set()
    alone = "It has its own fields alone." if common is not Event and not inherited else ""
    own = table(field for field in fields(kind) if field.name not in inherited)
    said = " ".join(filter(None, [meaning(kind), kept, alone]))
    return "\n\n".join(filter(None, [f"### `{kind.type}`", said, own]))


def family(name: str) -> str:
    """The types whose names begin so; what most of them have stands once."""
    kinds = [kind for kind in CATALOGUE.values() if kind.type.partition(".")[0] == name]
    (common, _), *_ = Counter(kind.__bases__[0] for kind in kinds).most_common()
    rights = " or ".join(sorted({f"`{kind.right}`" for kind in kinds}))
    parts = [f"## {FAMILIES[name]}", f"Right: {rights} ([api.md](api.md#who-may-do-what))."]
    if common is not Event:
        first = next(kind for kind in kinds if issubclass(kind, common))
        parts.append(table(field for field in fields(first) if field.name in common.__struct_fields__))
    return "\n\n".join([*parts, *(entry(kind, common) for kind in kinds)])


def render() -> str:
    """The whole page."""
    missing = {name.partition(".")[0] for name in CATALOGUE} - FAMILIES.keys()
    if missing:
        raise SystemExit(f"FAMILIES lacks {', '.join(sorted(missing))}")
    return HEAD + "\n" + "\n\n".join(family(name) for name in FAMILIES) + "\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
