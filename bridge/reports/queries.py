"""The SQL of the reports. Each statement reads ranges of one index."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, func, literal, literal_column, select, tuple_

from bridge.calls.model import NEVER_SENT, QUEUEING, REFUSED, CallKind
from bridge.calls.of_lead import OUTGOING
from bridge.recordings.model import Recording
from bridge.reports.model import CallRow, Counting, OfDid, OfNumber, OfRecordings, Tally
from bridge.reports.sight import Sight
from bridge.store.connection import Connection
from bridge.store.rows import from_row
from bridge.store.schema import calls, leads, recordings

_NOT_HERS: Final = (CallKind.THREE_WAY, CallKind.BLIND, CallKind.LEFT)
"""Kinds that an agent makes of, or beside, the call that she has."""
_OUT: Final = (*sorted(OUTGOING), CallKind.DIALPLAN)
_IN: Final = tuple(sorted(QUEUEING))
_NO_LEG: Final = calls.c.kind != literal_column("'TW'")
"""Said aloud, and not as a parameter, so that the index of campaigns' calls is used."""
_NOT_MADE: Final = (REFUSED, *sorted(NEVER_SENT))
_OF_LEAD: Final = (
    leads.c.list_id.label("list_id"),
    leads.c.status.label("lead_status"),
    leads.c.source_id.label("source_id"),
)
_ROW: Final = select(
    *(calls.c[name] for name in CallRow.__struct_fields__ if name in calls.c and name not in leads.c),
    calls.c.id,
    calls.c.user,
    calls.c.status,
    *_OF_LEAD,
).select_from(calls.outerjoin(leads, leads.c.id == calls.c.lead_id))


async def calls_since(conn: Connection, users: Collection[str], since: datetime) -> Mapping[str, int]:
    """How many calls agents have had since then, by `ix_calls_user`."""
    query = (
        select(calls.c.user, func.count().label("had"))
        .where(
            calls.c.user.in_(users),
            calls.c.asked_at >= since,
            calls.c.kind.not_in(_NOT_HERS),
            calls.c.end_reason != REFUSED,
        )
        .group_by(calls.c.user)
    )
    return {row.user: int(row.had) for row in await conn.execute(query)}


async def call_named(conn: Connection, legacy_id: str, sight: Sight) -> CallRow | None:
    """One call, by its id in the line format."""
    found = await _rows(conn, _ROW.where(calls.c.legacy_id == legacy_id, *sight.conditions(calls)))
    return found[0] if found else None


async def with_number(
    conn: Connection, wanted: OfNumber, sight: Sight, after: CallRow | None, limit: int
) -> Sequence[CallRow]:
    """A page of a number's calls, oldest first."""
    return await _rows(conn, _page(_with_number(wanted, sight), after, limit))


async def last_with_number(conn: Connection, wanted: OfNumber, sight: Sight) -> CallRow | None:
    """The newest of a number's calls."""
    query = _with_number(wanted, sight).order_by(calls.c.asked_at.desc(), calls.c.id.desc())
    found = await _rows(conn, query.limit(1))
    return found[0] if found else None


def _with_number(wanted: OfNumber, sight: Sight) -> Select[Any]:
    kinds = (*(_OUT if wanted.out else ()), *(_IN if wanted.into else ()))
    return _ROW.where(
        calls.c.number == wanted.number,
        calls.c.kind.in_(kinds),
        calls.c.end_reason.not_in(_NOT_MADE),
        *sight.conditions(calls),
    )


async def of_did(
    conn: Connection, wanted: OfDid, sight: Sight, after: CallRow | None, limit: int
) -> Sequence[CallRow]:
    """A page of the calls to a number of the site, oldest first."""
    query = _ROW.where(
        calls.c.did == wanted.did,
        _said(calls.c.did),
        *_within(wanted.begin, wanted.end),
        *sight.conditions(calls),
    )
    return await _rows(conn, _page(query, after, limit))


def _page(query: Select[Any], after: CallRow | None, limit: int) -> Select[Any]:
    order = (calls.c.asked_at, calls.c.id)
    if after is not None:
        query = query.where(_behind(order, (after.asked_at, after.id)))
    return query.order_by(*order).limit(limit)


def _behind(order: Sequence[Column[Any]], last: Sequence[object]) -> ColumnElement[bool]:
    """What comes after a row; its values are said with the columns' types, as SQLite holds times as text."""
    values = [literal(value, column.type) for column, value in zip(order, last, strict=True)]
    return tuple_(*order) > tuple_(*values)


async def _rows(conn: Connection, query: Select[Any]) -> Sequence[CallRow]:
    return [from_row(CallRow, row) for row in await conn.execute(query)]


async def tally(conn: Connection, wanted: Counting, sight: Sight) -> Sequence[Tally]:
    """Calls of a time by status."""
    column: Column[str] = calls.c[wanted.by]
    query = select(column.label("name"), calls.c.status, func.count().label("n")).where(
        column.in_(wanted.names),
        *_within(wanted.begin, wanted.end),
        calls.c.kind.in_(_OUT if wanted.by == "campaign" else _IN),
        calls.c.end_reason.not_in(_NOT_MADE),
        *sight.conditions(calls),
    )
    query = query.where(_NO_LEG if wanted.by == "campaign" else _said(column))
    if wanted.users:
        query = query.where(calls.c.user.in_(wanted.users))
    rows = await conn.execute(query.group_by(column, calls.c.status))
    return [Tally(row.name, row.status, int(row.n)) for row in rows]


def _within(begin: datetime, end: datetime) -> tuple[Any, Any]:
    return calls.c.asked_at >= begin, calls.c.asked_at < end


def _said(column: Column[str]) -> Any:
    """Not empty, said aloud and not as a parameter, so that the index of those that are not is used."""
    return column != literal_column("''")


async def recorded(
    conn: Connection, wanted: OfRecordings, sight: Sight, after: Recording | None, limit: int
) -> Sequence[Recording]:
    """A page of recordings, oldest first."""
    rows = recordings.c
    query = select(recordings).where(*sight.conditions(recordings))
    for name in ("user", "room", "call_id", "lead_id"):
        if value := getattr(wanted, name):
            query = query.where(rows[name] == value)
    if wanted.times is not None:
        query = query.where(rows.started_at >= wanted.times[0], rows.started_at < wanted.times[1])
    if after is not None:
        query = query.where(_behind((rows.started_at, rows.id), (after.started_at, after.id)))
    found = await conn.execute(query.order_by(rows.started_at, rows.id).limit(limit))
    return [from_row(Recording, row) for row in found]
