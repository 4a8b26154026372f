"""One event as a line that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from bridge.cli.output import cell
from bridge.events.catalogue import CATALOGUE
from bridge.events.envelope import EventRecord

FIRST = {"user": "agent", "call_id": "call", "campaign": "campaign"}
"""Fields that stand first, and what they are called here, as in the options."""
UNSHOWN = frozenset({"session_id", "legacy_id", "verdict"})
"""Ids that nobody searches by here; `--json` has them."""
LONGEST = 120
"""Characters of one value."""
_WIDTH = max(len(name) for name in CATALOGUE)

_fields = msgspec.json.Decoder(dict[str, Any]).decode


def line(record: EventRecord) -> str:
    """Time, number, what has happened, to whom, and what else is known; harmless to a terminal."""
    data = _fields(record.data)
    words = [f"{name}={_word(value)}" for name, value in _shown(record, data)]
    return " ".join([moment(record.time), f"{record.seq:>7}", f"{record.type:<{_WIDTH}}", *words])


def _word(value: Any) -> str:
    text = cell(value)
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return f'"{text}"' if " " in text else text


def moment(time: datetime) -> str:
    """In UTC, to the millisecond, as `--from` takes it."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _shown(record: EventRecord, data: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    first = [(name, data.get(field)) for field, name in FIRST.items()]
    rest = [(name, value) for name, value in data.items() if name not in FIRST and name not in UNSHOWN]
    found = [(name, value) for name, value in (*first, *rest) if value not in (None, "", [], {})]
    kind, _, of = record.subject.partition("/")
    if of and all(of != str(value) for _, value in found):
        found.insert(0, (kind, of))
    return found
