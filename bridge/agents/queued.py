"""The manual dial queue: calls that an agent is to make as soon as she is free. SQL, and its events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update

from bridge.agents import news
from bridge.agents.model import AgentSession
from bridge.services import DialRequest
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import agent_sessions, manual_dials
from bridge.store.transaction import Transaction

WAITING, DIALLED, DROPPED = "waiting", "dialled", "dropped"

_IS_WAITING = manual_dials.c.state == WAITING
_HERS = select(manual_dials).where(manual_dials.c.user == bindparam("of_user"), _IS_WAITING)
_SAME = Prepared(_HERS.where(manual_dials.c.number == bindparam("same_number")).limit(1))
_ALL = Prepared(_HERS.order_by(manual_dials.c.id).with_for_update())
_OLDEST = Prepared(
    select(manual_dials)
    .join(agent_sessions, agent_sessions.c.user == manual_dials.c.user)
    .where(agent_sessions.c.id == bindparam("session"), agent_sessions.c.logged_out_at.is_(None), _IS_WAITING)
    .order_by(manual_dials.c.id)
    .limit(1)
)
_INSERT = Prepared(
    insert(manual_dials).returning(manual_dials.c.id),
    ("user", "campaign", "number", "request", "state", "call_id", "made_at", "settled_at"),
)
_SETTLE = Prepared(
    update(manual_dials)
    .where(manual_dials.c.id == bindparam("of_row"), _IS_WAITING)
    .values(state=bindparam("new_state"), call_id=bindparam("of_call"), settled_at=bindparam("at"))
)


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """A call that waits for its agent."""

    id: int
    user: str
    number: str
    """What was asked for: digits, or the word for the next lead."""
    request: DialRequest


async def put(tx: Transaction, session: AgentSession, request: DialRequest, *, call_id: str | None) -> bool:
    """Let a call wait for her, or note that it was made; false if one to the same number waits already.

    Args:
        tx: the transaction, in which her session is locked.
        session: hers.
        request: the wish.
        call_id: of the call that was made of it at once (empty: it is shown first); `None`: it waits.
    """
    waits = call_id is None
    if await _waits(tx.conn, session.user, request.number):  # else it would be dialled twice
        return False
    row = {
        "user": session.user,
        "campaign": session.campaign,
        "number": request.number,
        "request": msgspec.to_builtins(request),
        "state": WAITING if waits else DIALLED,
        "call_id": call_id or "",
        "made_at": tx.now,
        "settled_at": None if waits else tx.now,
    }
    await tx.conn.execute(_INSERT, row)
    if waits:
        tx.emit(news.dial_queued(session, request.number))
    return True


async def _waits(conn: Connection, user: str, number: str) -> bool:
    return (await conn.execute(_SAME, {"of_user": user, "same_number": number})).first() is not None


async def oldest(conn: Connection, session_id: str) -> Queued | None:
    """The call that has waited longest for the agent of this open session."""
    row = (await conn.execute(_OLDEST, {"session": session_id})).first()
    return None if row is None else _queued(row)


async def dialled(conn: Connection, row: Queued, call_id: str, at: datetime) -> bool:
    """It is being dialled now; false if it does not wait any more."""
    return await _settle(conn, row.id, DIALLED, call_id, at)


async def drop(tx: Transaction, session: AgentSession, row: Queued, why: str) -> None:
    """It is not dialled, and will not be."""
    if await _settle(tx.conn, row.id, DROPPED, "", tx.now):
        tx.emit(news.dial_dropped(session, row.number, why))


async def drop_all(tx: Transaction, session: AgentSession, why: str) -> None:
    """Nothing waits for her any more."""
    for row in (await tx.conn.execute(_ALL, {"of_user": session.user})).all():
        await drop(tx, session, _queued(row), why)


async def _settle(conn: Connection, row_id: int, state: str, call_id: str, at: datetime) -> bool:
    values = {"of_row": row_id, "new_state": state, "of_call": call_id, "at": at}
    return (await conn.execute(_SETTLE, values)).rowcount == 1


def _queued(row: Any) -> Queued:
    request = msgspec.convert(row.request, DialRequest)
    return Queued(id=row.id, user=row.user, number=row.number, request=request)
