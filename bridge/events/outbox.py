"""Events on their way into the log: collected during a transaction, written at its end.

They are numbered by one counter row. Whoever numbers holds that row until the commit, so numbers
become visible in their order and without a gap, also with several processes on PostgreSQL. It is
taken last, so that it is held for the shortest time and cannot be part of a deadlock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events.catalogue import Event, encode
from bridge.ids import uuid7
from bridge.store import schema

CHANNEL = "agent_bridge_events"
"""PostgreSQL channel on which a commit with events is announced to the other processes."""

COUNTER = "events"

_next = (
    update(schema.counters)
    .where(schema.counters.c.name == COUNTER)
    .values(value=schema.counters.c.value + bindparam("count"))
    .returning(schema.counters.c.value)
)
_append = insert(schema.events)
_announce = select(func.pg_notify(CHANNEL, bindparam("last")))


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


async def append(conn: AsyncConnection, entries: Sequence[Pending]) -> int:
    """Number and write them; the last number. Inside the transaction that they belong to."""
    last: int = (await conn.execute(_next, {"count": len(entries)})).scalar_one()
    first = last - len(entries) + 1
    await conn.execute(_append, [_row(first + place, entry) for place, entry in enumerate(entries)])
    if conn.dialect.name == "postgresql":
        await conn.execute(_announce, {"last": str(last)})
    return last


def _row(seq: int, entry: Pending) -> dict[str, object]:
    return {
        "seq": seq,
        "id": entry.id,
        "type": entry.event.type,
        "subject": entry.subject,
        "time": entry.time,
        "data": entry.data,
    }
