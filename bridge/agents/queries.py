"""The SQL of agents' sessions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, select

from bridge.agents.model import AgentSession, AgentState
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row, overwrite, to_row
from bridge.store.schema import agent_sessions as sessions
from bridge.store.schema import users

_OPEN = select(sessions).where(sessions.c.logged_out_at.is_(None))
_BY_ID_LOCKED = Prepared(select(sessions).where(sessions.c.id == bindparam("session_id")).with_for_update())
_BY_ID = Prepared(select(sessions).where(sessions.c.id == bindparam("session_id")))
_OF_USER = _OPEN.where(sessions.c.user == bindparam("user_name"))
_BY_USER = Prepared(_OF_USER)
_MAY_DIAL = Prepared(
    select(users.c.manual_dial, sessions)
    .select_from(
        users.outerjoin(sessions, and_(sessions.c.user == users.c.user, sessions.c.logged_out_at.is_(None)))
    )
    .where(users.c.user == bindparam("user_name"))
)
_BY_USER_LOCKED = Prepared(_OF_USER.with_for_update())
_BY_PHONE = Prepared(_OPEN.where(sessions.c.phone == bindparam("phone")))
_BY_ROOM_LOCKED = Prepared(
    _OPEN.where(
        sessions.c.asterisk == bindparam("asterisk"), sessions.c.room == bindparam("room")
    ).with_for_update()
)
_LONGEST_READY = Prepared(
    _OPEN.where(
        sessions.c.asterisk == bindparam("asterisk"),
        sessions.c.campaign == bindparam("campaign"),
        sessions.c.state == AgentState.READY,
        sessions.c.blended.is_(True),
        sessions.c.on_hook.is_(False),  # the customer has said hello: nobody's phone is answered in time
    )
    .order_by(sessions.c.ready_since, sessions.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_ON_HOOK_READY = Prepared(
    _OPEN.where(
        sessions.c.asterisk == bindparam("asterisk"),
        sessions.c.campaign == bindparam("campaign"),
        sessions.c.state == AgentState.READY,
        sessions.c.blended.is_(True),
        sessions.c.on_hook.is_(True),
    )
    .order_by(sessions.c.ready_since, sessions.c.id)
    .limit(bindparam("most"))
)
_ROOMS = select(sessions.c.room).where(
    sessions.c.logged_out_at.is_(None), sessions.c.asterisk == bindparam("asterisk")
)
_INSERT = Prepared(sessions.insert(), AgentSession.__struct_fields__)


async def add(conn: Connection, session: AgentSession) -> None:
    """Insert a new session."""
    await conn.execute(_INSERT, to_row(session))


async def save(conn: Connection, session: AgentSession, known: AgentSession | None = None) -> None:
    """Write a session; of one that was read locked in this transaction (`known`) only what is different."""
    await overwrite(conn, sessions, session, known)


async def locked(conn: Connection, session_id: str) -> AgentSession | None:
    """The session, kept from other writers until the transaction ends."""
    return await _one(conn, _BY_ID_LOCKED, session_id=session_id)


async def of_user(conn: Connection, user: str) -> AgentSession | None:
    """The agent's open session."""
    return await _one(conn, _BY_USER, user_name=user)


async def dialler(conn: Connection, user: str) -> tuple[bool, AgentSession | None] | None:
    """Whether the agent may dial by hand, and her open session; none for a user who is not there."""
    row = (await conn.execute(_MAY_DIAL, {"user_name": user})).first()
    if row is None:
        return None
    return bool(row.manual_dial), from_row(AgentSession, row) if row.id is not None else None


async def of_user_locked(conn: Connection, user: str) -> AgentSession | None:
    """The same, kept from other writers until the transaction ends."""
    return await _one(conn, _BY_USER_LOCKED, user_name=user)


async def find(conn: Connection, session_id: str) -> AgentSession | None:
    """The session, open or not."""
    return await _one(conn, _BY_ID, session_id=session_id)


async def of_phone(conn: Connection, phone: str) -> AgentSession | None:
    """The open session that has this phone."""
    return await _one(conn, _BY_PHONE, phone=phone)


async def of_room_locked(conn: Connection, asterisk: str, room: str) -> AgentSession | None:
    """The open session in a room, kept from other writers until the transaction ends."""
    return await _one(conn, _BY_ROOM_LOCKED, asterisk=asterisk, room=room)


async def on_hook_ready(conn: Connection, asterisk: str, campaign: str, most: int) -> list[str]:
    """Agents on hook who wait for the dialler's calls, who has waited longest first."""
    at = {"asterisk": asterisk, "campaign": campaign, "most": most}
    return [row.user for row in await conn.execute(_ON_HOOK_READY, at)]


async def longest_ready(conn: Connection, asterisk: str, campaign: str) -> AgentSession | None:
    """The agent of a campaign who has been ready longest and takes the dialler's calls, locked.

    One to whom another transaction is just giving a call is passed over.
    """
    return await _one(conn, _LONGEST_READY, asterisk=asterisk, campaign=campaign)


async def open_sessions(conn: Connection, asterisk: str | None = None) -> Sequence[AgentSession]:
    """Sessions that are not logged out, by user; of one Asterisk, if named."""
    query = _OPEN if asterisk is None else _OPEN.where(sessions.c.asterisk == asterisk)
    rows = (await conn.execute(query.order_by(sessions.c.user))).all()
    return [from_row(AgentSession, row) for row in rows]


async def rooms(conn: Connection, asterisk: str) -> frozenset[str]:
    """The rooms in use on one Asterisk."""
    return frozenset((await conn.execute(_ROOMS, {"asterisk": asterisk})).scalars())


async def _one(conn: Connection, query: Prepared, **values: str) -> AgentSession | None:
    row = (await conn.execute(query, values)).first()
    return None if row is None else from_row(AgentSession, row)
