"""The SQL of calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, func, literal, literal_column, or_, select, tuple_, update

from bridge.calls.model import LIVE, Call, CallKind, CallState
from bridge.ids import legacy_call_id, uuid7
from bridge.services import CallQuery
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row, overwrite, to_row
from bridge.store.schema import calls

_BY_ID = select(calls).where(calls.c.id == bindparam("call_id"))
_BY_ID_LOCKED = Prepared(_BY_ID.with_for_update())
_BY_ANY_ID = Prepared(
    select(calls).where(
        or_(
            calls.c.id == bindparam("any_id"),
            calls.c.legacy_id == bindparam("any_id"),
            calls.c.legacy_uniqueid == bindparam("any_id"),
        )
    )
)
_LEGACY_ID = Prepared(select(calls.c.id).where(calls.c.legacy_id == bindparam("legacy")))
_SLACK: Final = timedelta(days=3)
"""A call is asked for at most so long after its id was given: keys of requests are kept for less."""
_LIVE: Final = tuple(state.value for state in CallState if state in LIVE)
_OPEN = select(calls).where(calls.c.disposed_at.is_(None))
_ON_CHANNEL = Prepared(
    _OPEN.where(
        calls.c.channel == bindparam("on_channel"), calls.c.asterisk == bindparam("on_asterisk")
    ).order_by(calls.c.id.desc())  # of a customer who was passed on: the call that she is now
)
_HAS_PARENT = calls.c.parent != literal_column("''")
"""Said aloud, and not as a parameter, so that the index of the calls that have one is used."""
_MAY_BE_LEG = or_(calls.c.kind == CallKind.THREE_WAY.value, calls.c.kind == CallKind.CLOSER.value)
_LEGS = _OPEN.where(
    calls.c.parent == bindparam("parent_id"),
    _HAS_PARENT,
    _MAY_BE_LEG,
    calls.c.ended_at.is_(None),
).order_by(calls.c.id)
_LEGS_READ = Prepared(_LEGS)
_LEGS_LOCKED = Prepared(_LEGS.with_for_update())
_ADOPT = Prepared(
    update(calls)
    .where(calls.c.parent == bindparam("old_parent"), _HAS_PARENT, calls.c.ended_at.is_(None))
    .where(_MAY_BE_LEG)
    .values(parent=bindparam("new_parent"), version=calls.c.version + 1)
)
_LEAVING = Prepared(
    select(calls.c.id).where(
        calls.c.parent == bindparam("of_parent"),
        _HAS_PARENT,
        calls.c.kind == CallKind.LEFT.value,
        calls.c.answered_at.is_(None),
        calls.c.ended_at.is_(None),
    )
)
_LAST_OF_USER = Prepared(
    select(calls).where(calls.c.user == bindparam("of_user")).order_by(calls.c.asked_at.desc()).limit(1)
)
_INSERT = Prepared(calls.insert(), Call.__struct_fields__)


async def add(conn: Connection, call: Call) -> None:
    """Insert a new call."""
    await conn.execute(_INSERT, to_row(call))


async def locked(conn: Connection, call_id: str) -> Call | None:
    """The call, kept from other writers until the transaction ends."""
    row = (await conn.execute(_BY_ID_LOCKED, {"call_id": call_id})).first()
    return None if row is None else from_row(Call, row)


async def save(conn: Connection, call: Call, known: Call | None = None) -> None:
    """Write a call; of one that was read locked in this transaction (`known`) only what is different."""
    await overwrite(conn, calls, call, known)


async def find(conn: Connection, any_id: str) -> Call | None:
    """The call with this id, legacy id or legacy unique id."""
    row = (await conn.execute(_BY_ANY_ID, {"any_id": any_id})).first()
    return None if row is None else from_row(Call, row)


async def legs(conn: Connection, parent: str) -> Sequence[Call]:
    """The third parties who were called for a call and are still there, oldest first."""
    return await _legs(conn, _LEGS_READ, parent)


async def legs_locked(conn: Connection, parent: str) -> Sequence[Call]:
    """The same, kept from other writers until the transaction ends."""
    return await _legs(conn, _LEGS_LOCKED, parent)


async def _legs(conn: Connection, query: Prepared, parent: str) -> Sequence[Call]:
    rows = (await conn.execute(query, {"parent_id": parent})).all()
    return [call for call in (from_row(Call, row) for row in rows) if call.is_leg]


async def is_leaving(conn: Connection, parent: str) -> bool:
    """Whether the customer of a call is being sent to where its third parties go."""
    return (await conn.execute(_LEAVING, {"of_parent": parent})).first() is not None


async def adopt(conn: Connection, parent: str, by: str) -> None:
    """The third parties of one call are another one's from now on."""
    await conn.execute(_ADOPT, {"old_parent": parent, "new_parent": by})


async def open_calls(conn: Connection, asterisk: str | None = None) -> Sequence[Call]:
    """Calls that are not disposed yet, oldest first; of one Asterisk, if named."""
    query = _OPEN if asterisk is None else _OPEN.where(calls.c.asterisk == asterisk)
    found = await _all(conn, query)  # sorted here: SQLite would read the index of all calls' times instead
    return sorted(found, key=lambda call: call.asked_at)


async def free_legacy_id(conn: Connection, kind: str, local: datetime, lead_id: int | None) -> str:
    """A call id of the line format that no call has: of the lead, unless it had a call this very second."""
    wanted = legacy_call_id(kind, local, lead_id)
    taken = await conn.execute(_LEGACY_ID, {"legacy": wanted})
    return wanted if taken.first() is None else legacy_call_id(kind, local, None)


async def open_on_channel(conn: Connection, asterisk: str, channel: str) -> Call | None:
    """The undisposed call whose customer's (or dialling phone's) channel on this Asterisk it is."""
    if not channel:  # of a call whose channel is not known yet: it is on none
        return None
    row = (await conn.execute(_ON_CHANNEL, {"on_channel": channel, "on_asterisk": asterisk})).first()
    return None if row is None else from_row(Call, row)


async def count_waiting(conn: Connection, asterisk: str, campaign: str, queues: Sequence[str]) -> int:
    """How many callers on an Asterisk wait for an agent of a campaign who serves these queues.

    Those of the queues, and those of the campaign whom the dialler has called, who have answered.
    """
    waits = or_(
        and_(calls.c.state == CallState.QUEUED, calls.c.queue.in_(queues)),
        and_(
            calls.c.state == CallState.ANSWERED, calls.c.kind == CallKind.AUTO, calls.c.campaign == campaign
        ),
    )
    query = select(func.count()).where(
        calls.c.disposed_at.is_(None), calls.c.asterisk == asterisk, calls.c.session_id == "", waits
    )
    return int((await conn.execute(query)).scalar_one())


async def queued(conn: Connection) -> Sequence[Call]:
    """Callers who wait in a queue, who has waited longest first."""
    found = await _all(conn, _OPEN.where(calls.c.state == CallState.QUEUED))
    return sorted(found, key=lambda call: call.asked_at)


async def last_of(conn: Connection, user: str) -> Call | None:
    """The newest call that an agent has, or had."""
    row = (await conn.execute(_LAST_OF_USER, {"of_user": user})).first()
    return None if row is None else from_row(Call, row)


async def recent(conn: Connection, wanted: CallQuery) -> Sequence[Call]:
    """Calls, newest first; ids sort by time."""
    if wanted.live:
        return await _live(conn, wanted)
    query = _filtered(select(calls), wanted).limit(wanted.limit)
    query = _by_time(query, wanted) if wanted.did or wanted.queue else _by_id(query, wanted)
    if wanted.live is not None:
        query = query.where(calls.c.state.not_in(_LIVE))
    return await _all(conn, query)


def _by_id(query: Select[Any], wanted: CallQuery) -> Select[Any]:
    """Newest first, behind `before`, in the order of ids."""
    if wanted.since:
        query = query.where(calls.c.asked_at >= wanted.since, calls.c.id >= _id_of(wanted.since, -_SLACK))
    if wanted.until:
        query = query.where(calls.c.asked_at < wanted.until, calls.c.id <= _id_of(wanted.until, _SLACK))
    if wanted.before:
        query = query.where(calls.c.id < wanted.before)
    return query.order_by(calls.c.id.desc())


def _by_time(query: Select[Any], wanted: CallQuery) -> Select[Any]:
    """The same in the order of the index that has very many of them."""
    if wanted.since:
        query = query.where(calls.c.asked_at >= wanted.since)
    if wanted.until:
        query = query.where(calls.c.asked_at < wanted.until)
    if wanted.before:
        last = calls.alias("last")
        at = select(last.c.asked_at).where(last.c.id == wanted.before).scalar_subquery()
        query = query.where(tuple_(calls.c.asked_at, calls.c.id) < tuple_(at, literal(wanted.before)))
    return query.order_by(calls.c.asked_at.desc(), calls.c.id.desc())


async def _live(conn: Connection, wanted: CallQuery) -> Sequence[Call]:
    """Those that live are few, among all that ever were: they are found as open ones, and sorted here.

    With their order, or a range of times, SQLite would read the index of all calls' ids or times instead.
    """
    open_ones = await _all(conn, _filtered(_OPEN.where(calls.c.state.in_(_LIVE)), wanted))
    found = [
        call
        for call in open_ones
        if (wanted.since is None or call.asked_at >= wanted.since)
        and (wanted.until is None or call.asked_at < wanted.until)
        and (not wanted.before or call.id < wanted.before)
    ]
    return sorted(found, key=lambda call: call.id, reverse=True)[: wanted.limit]


def _filtered(query: Select[Any], wanted: CallQuery) -> Select[Any]:
    """Only calls of this agent, campaign and so on, and none that the caller does not see."""
    for name in ("user", "campaign", "number", "lead_id", "status"):
        if value := getattr(wanted, name):
            query = query.where(calls.c[name] == value)
    for name in ("did", "queue"):
        if value := getattr(wanted, name):
            query = query.where(calls.c[name] == value, calls.c[name] != literal_column("''"))
    return query.where(*wanted.sight.conditions(calls))


def _id_of(moment: datetime, away: timedelta) -> str:
    """About the id of a call of some time before or after a moment: what is read is bounded by it."""
    milliseconds = int((moment.timestamp() + away.total_seconds()) * 1000)
    return uuid7(min(max(0, milliseconds), (1 << 48) - 1))[:13]


async def _all(conn: Connection, query: Select[Any]) -> Sequence[Call]:
    return [from_row(Call, row) for row in (await conn.execute(query)).all()]
