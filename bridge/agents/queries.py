"""The SQL of agents' sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.agents.model import AgentSession, AgentState
from bridge.store.rows import from_row, overwrite, to_row
from bridge.store.schema import agent_sessions as sessions

_OPEN = select(sessions).where(sessions.c.logged_out_at.is_(None))
_BY_ID_LOCKED = select(sessions).where(sessions.c.id == bindparam("session_id")).with_for_update()
_BY_USER = _OPEN.where(sessions.c.user == bindparam("user_name"))
_BY_USER_LOCKED = _BY_USER.with_for_update()
_BY_PHONE = _OPEN.where(sessions.c.phone == bindparam("phone"))
_BY_ROOM_LOCKED = _OPEN.where(
    sessions.c.asterisk == bindparam("asterisk"), sessions.c.room == bindparam("room")
).with_for_update()
_LONGEST_READY = (
    _OPEN.where(
        sessions.c.asterisk == bindparam("asterisk"),
        sessions.c.campaign == bindparam("campaign"),
        sessions.c.state == AgentState.READY,
    )
    .order_by(sessions.c.ready_since, sessions.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_ROOMS = select(sessions.c.room).where(
    sessions.c.logged_out_at.is_(None), sessions.c.asterisk == bindparam("asterisk")
)
_INSERT = sessions.insert()


async def add(conn: AsyncConnection, session: AgentSession) -> None:
    """Insert a new session."""
    await conn.execute(_INSERT, to_row(session))


async def save(conn: AsyncConnection, session: AgentSession) -> None:
    """Write a session that was read locked in this transaction."""
    await overwrite(conn, sessions, session)


async def locked(conn: AsyncConnection, session_id: str) -> AgentSession | None:
    """The session, kept from other writers until the transaction ends."""
    return await _one(conn, _BY_ID_LOCKED, session_id=session_id)


async def of_user(conn: AsyncConnection, user: str) -> AgentSession | None:
    """The agent's open session."""
    return await _one(conn, _BY_USER, user_name=user)


async def of_user_locked(conn: AsyncConnection, user: str) -> AgentSession | None:
    """The same, kept from other writers until the transaction ends."""
    return await _one(conn, _BY_USER_LOCKED, user_name=user)


async def of_phone(conn: AsyncConnection, phone: str) -> AgentSession | None:
    """The open session that has this phone."""
    return await _one(conn, _BY_PHONE, phone=phone)


async def of_room_locked(conn: AsyncConnection, asterisk: str, room: str) -> AgentSession | None:
    """The open session in a room, kept from other writers until the transaction ends."""
    return await _one(conn, _BY_ROOM_LOCKED, asterisk=asterisk, room=room)


async def longest_ready(conn: AsyncConnection, asterisk: str, campaign: str) -> AgentSession | None:
    """The agent of a campaign who has been ready longest, locked.

    One to whom another transaction is just giving a call is passed over.
    """
    return await _one(conn, _LONGEST_READY, asterisk=asterisk, campaign=campaign)


async def open_sessions(conn: AsyncConnection, asterisk: str | None = None) -> Sequence[AgentSession]:
    """Sessions that are not logged out, by user; of one Asterisk, if named."""
    query = _OPEN if asterisk is None else _OPEN.where(sessions.c.asterisk == asterisk)
    rows = (await conn.execute(query.order_by(sessions.c.user))).all()
    return [from_row(AgentSession, row) for row in rows]


async def rooms(conn: AsyncConnection, asterisk: str) -> frozenset[str]:
    """The rooms in use on one Asterisk."""
    return frozenset((await conn.execute(_ROOMS, {"asterisk": asterisk})).scalars())


async def _one(conn: AsyncConnection, query: Select[Any], **values: str) -> AgentSession | None:
    row = (await conn.execute(query, values)).first()
    return None if row is None else from_row(AgentSession, row)
