"""Events on their way into the log: collected during a transaction, written at its end.

They are numbered by one counter row. Whoever numbers holds that row until the commit, so numbers
become visible in their order and without a gap, also with several processes on PostgreSQL. It is
taken last, so that it is held for the shortest time and cannot be part of a deadlock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Text, bindparam, cast, func, insert, select, update
from sqlalchemy.dialects import sqlite

from bridge.events.catalogue import Event, encode
from bridge.events.envelope import EventRecord
from bridge.ids import uuid7
from bridge.store import schema
from bridge.store.connection import Connection
from bridge.store.types import Utc

CHANNEL = "agent_bridge_events"
"""PostgreSQL channel on which a commit with events is announced to the other processes."""
COUNTER = "events"
"""Name of the counter that numbers them."""

_reserved = (
    update(schema.counters)
    .where(schema.counters.c.name == COUNTER)
    .values(value=schema.counters.c.value + bindparam("count"))
    .returning(schema.counters.c.value)
    .cte("reserved")
)
_reserve = select(_reserved.c.value, func.pg_notify(CHANNEL, cast(_reserved.c.value, Text)))
"""Numbers them and, once committed, announces them: one round trip."""
_append = insert(schema.events)

_NAMES = ("seq", "id", "type", "subject", "time", "data")
_NEXT_ON_SQLITE = "UPDATE counters SET value = value + ? WHERE name = 'events' RETURNING value"
_CHUNK = 1000
"""Rows in one statement: SQLite takes 32,766 values in one at most."""
_sqlite = sqlite.dialect()
_utc = Utc()


class Pending(msgspec.Struct, frozen=True):
    """An event that waits for its number."""

    event: Event
    id: str
    subject: str
    time: datetime
    data: str


def pending(event: Event, at: datetime) -> Pending:
    """Encoded at once, so that a fault shows where it was made and not at the commit."""
    return Pending(event, uuid7(), event.subject, at, encode(event))


async def append(conn: Connection, entries: Sequence[Pending]) -> None:
    """Number and write them, inside the transaction that they belong to, and announce them."""
    last: int = (await conn.execute(_reserve, {"count": len(entries)})).one()[0]
    rows = [dict(zip(_NAMES, row, strict=True)) for row in _rows(last, entries)]
    await conn.execute(_append, rows)


def append_on_sqlite(driver: sqlite3.Connection, entries: Sequence[Pending]) -> list[EventRecord]:
    """The same past SQLAlchemy, on the path that every call takes several times; the records."""
    last: int = driver.execute(_NEXT_ON_SQLITE, (len(entries),)).fetchall()[0][0]
    rows = _rows(last, entries)
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        driver.execute(_insert(len(chunk)), [_bound(value) for row in chunk for value in row]).close()
    return [record(*row) for row in rows]


def record(*row: Any) -> EventRecord:
    """The record of a row with these columns: number, id, type, subject, time, data."""
    seq, identity, kind, subject, time, data = row
    return EventRecord(seq, identity, kind, subject, time, msgspec.Raw(data.encode()))


def _rows(last: int, entries: Sequence[Pending]) -> list[tuple[Any, ...]]:
    """In the order of `_NAMES`."""
    return [
        (seq, entry.id, entry.event.type, entry.subject, entry.time, entry.data)
        for seq, entry in enumerate(entries, last - len(entries) + 1)
    ]


def _bound(value: Any) -> Any:
    return _utc.process_bind_param(value, _sqlite) if isinstance(value, datetime) else value


@cache
def _insert(count: int) -> str:
    row = f"({', '.join('?' * len(_NAMES))})"
    return f"INSERT INTO events ({', '.join(_NAMES)}) VALUES {', '.join([row] * count)}"  # noqa: S608  constants
