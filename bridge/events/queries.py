"""SQL of the event log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bridge.events.envelope import EventRecord
from bridge.events.outbox import COUNTER, record
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import agent_sessions, calls, counters, events, sink_cursors

_COLUMNS = (events.c.seq, events.c.id, events.c.type, events.c.subject, events.c.time, events.c.data)

_next = select(*_COLUMNS).where(events.c.seq > bindparam("after")).order_by(events.c.seq)
_next = _next.limit(bindparam("limit"))
_after = Prepared(_next)
_of_subject = Prepared(_next.where(events.c.subject == bindparam("subject")))
_oldest = select(func.min(events.c.seq))
_newest = select(counters.c.value).where(counters.c.name == COUNTER)
_times = select(events.c.seq, events.c.time).where(events.c.seq > bindparam("after"))
_times = _times.order_by(events.c.seq).limit(bindparam("limit"))
_time_of = Prepared(select(events.c.time).where(events.c.seq == bindparam("seq")))
_trim = delete(events).where(events.c.seq <= bindparam("upto"))
_cursor = select(sink_cursors.c.seq).where(sink_cursors.c.sink == bindparam("sink"))


async def after(conn: Connection, seq: int, limit: int) -> list[EventRecord]:
    """The next records of all."""
    return [_record(row) for row in await conn.execute(_after, {"after": seq, "limit": limit})]


async def of_subject(conn: Connection, subject: str, seq: int, limit: int) -> list[EventRecord]:
    """The next records of one subject."""
    found = await conn.execute(_of_subject, {"subject": subject, "after": seq, "limit": limit})
    return [_record(row) for row in found]


async def oldest(conn: Connection) -> int | None:
    """Number of the first record that is still there."""
    found: int | None = (await conn.execute(_oldest)).scalar()
    return found


async def newest(conn: Connection) -> int:
    """The last number given."""
    found: int = (await conn.execute(_newest)).scalar_one()
    return found


async def time_of(conn: Connection, seq: int) -> datetime | None:
    """When a record was written; `None` if it is not there any more."""
    found: datetime | None = (await conn.execute(_time_of, {"seq": seq})).scalar()
    return found


async def trim(conn: Connection, before: datetime, now: datetime, limit: int) -> int:
    """Take away at most `limit` of the oldest records, see `EventLog.trim`; how many."""
    first = rows = await _page(conn, -1, limit)
    while True:
        kept = next((place for place, row in enumerate(rows) if before <= row.time <= now), len(rows))
        old = [place for place in range(kept) if rows[place].time < before]
        if old:
            count = old[-1] + 1 if rows is first else limit
            await conn.execute(_trim, {"upto": first[count - 1].seq})
            return count
        if len(rows) < limit or kept < len(rows):
            return 0
        rows = await _page(conn, rows[-1].seq, limit)  # all are dated ahead: what is behind them decides


async def _page(conn: Connection, seq: int, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    return (await conn.execute(_times, {"after": seq, "limit": limit})).all()


async def cursor(conn: Connection, sink: str) -> int | None:
    """How far the sink has come; `None` if it was never there."""
    found: int | None = (await conn.execute(_cursor, {"sink": sink})).scalar()
    return found


async def advance(conn: Connection, sink: str, seq: int, now: datetime) -> None:
    """The sink has delivered everything up to `seq`; it never goes back."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    wish = dialect.insert(sink_cursors).values(sink=sink, seq=seq, updated_at=now)
    await conn.execute(
        wish.on_conflict_do_update(
            index_elements=["sink"],
            set_={"seq": wish.excluded.seq, "updated_at": wish.excluded.updated_at},
            where=sink_cursors.c.seq < wish.excluded.seq,
        )
    )


async def last_of_living(conn: Connection, types: list[str]) -> list[EventRecord]:
    """The last event (of these types) of each agent who is logged in and of each call not disposed."""
    return [
        _record(row) for kind in (_sessions, _calls) for row in await conn.execute(kind, {"types": types})
    ]


async def last_of(conn: Connection, subject: str, types: list[str]) -> EventRecord | None:
    """The last event (of these types) of one subject."""
    row = (await conn.execute(_last_of, {"subject": subject, "types": types})).first()
    return None if row is None else _record(row)


def _record(row: Row[*tuple[Any, ...]]) -> EventRecord:
    return record(*row)


def _last_by_subject(subject: Any) -> Any:
    latest = events.alias("latest")
    wanted = latest.c.type.in_(bindparam("types", expanding=True))
    return select(func.max(latest.c.seq)).where(latest.c.subject == subject, wanted).scalar_subquery()


_sessions = (
    select(*_COLUMNS)
    .select_from(agent_sessions)
    .join(events, events.c.seq == _last_by_subject("agents/" + agent_sessions.c.user))
    .where(agent_sessions.c.logged_out_at.is_(None))
)
_calls = (
    select(*_COLUMNS)
    .select_from(calls)
    .join(events, events.c.seq == _last_by_subject("calls/" + calls.c.id))
    .where(calls.c.disposed_at.is_(None))
)
_last_of = select(*_COLUMNS).where(events.c.seq == _last_by_subject(bindparam("subject")))
