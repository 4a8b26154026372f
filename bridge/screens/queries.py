"""The SQL of screens and notifications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bridge.agents.model import AgentState
from bridge.screens.model import NewNotification, Notification, RecipientType, Screen
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row, overwrite, to_row
from bridge.store.schema import agent_screens as screens
from bridge.store.schema import agent_sessions as sessions
from bridge.store.schema import campaigns, notifications, user_groups, users

_OF_SESSION = Prepared(select(screens.c.data).where(screens.c.session_id == bindparam("of_session")))
_DROP = Prepared(screens.delete().where(screens.c.session_id == bindparam("of_session")))
_INSERT = Prepared(
    notifications.insert().returning(notifications.c.id),
    (*NewNotification.__struct_fields__, "made_at"),
)
_UNSENT = notifications.c.sent_at.is_(None)
_DUE = Prepared(
    select(notifications)
    .where(_UNSENT, notifications.c.due_at <= bindparam("now"))
    .order_by(notifications.c.due_at, notifications.c.id)
    .with_for_update()
)
_ANY_DUE = Prepared(
    select(notifications.c.id).where(_UNSENT, notifications.c.due_at <= bindparam("now")).limit(1)
)
_NEXT_DUE = Prepared(
    select(func.min(notifications.c.due_at)).where(_UNSENT, notifications.c.due_at > bindparam("now"))
)
_SEATED = select(sessions.c.id).where(
    sessions.c.logged_out_at.is_(None), sessions.c.state != AgentState.CONNECTING
)
_RECIPIENTS = {
    RecipientType.USER: Prepared(_SEATED.where(sessions.c.user == bindparam("recipient"))),
    RecipientType.CAMPAIGN: Prepared(_SEATED.where(sessions.c.campaign == bindparam("recipient"))),
    RecipientType.USER_GROUP: Prepared(
        _SEATED.where(
            sessions.c.user.in_(select(users.c.user).where(users.c.group == bindparam("recipient")))
        )
    ),
}
_EXISTS = {
    RecipientType.USER: Prepared(select(users.c.user).where(users.c.user == bindparam("recipient"))),
    RecipientType.USER_GROUP: Prepared(
        select(user_groups.c.name).where(user_groups.c.name == bindparam("recipient"))
    ),
    RecipientType.CAMPAIGN: Prepared(select(campaigns.c.id).where(campaigns.c.id == bindparam("recipient"))),
}


async def screen(conn: Connection, session_id: str) -> Screen:
    """What is on the screen of a session: nothing, if nothing was ever put there.

    To change it, hold the session's row: that keeps other writers away.
    """
    row = (await conn.execute(_OF_SESSION, {"of_session": session_id})).first()
    return Screen() if row is None else msgspec.convert(row.data, Screen)


async def put(conn: Connection, session_id: str, now: Screen) -> None:
    """Write what is on the screen of a session."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    wish = dialect.insert(screens).values(session_id=session_id, data=now)
    update = {"data": wish.excluded.data}
    await conn.execute(wish.on_conflict_do_update(index_elements=["session_id"], set_=update))


async def drop(conn: Connection, session_id: str) -> None:
    """Forget the screen of a session."""
    await conn.execute(_DROP, {"of_session": session_id})


async def add(conn: Connection, wanted: NewNotification, now: datetime) -> Notification:
    """Insert a notification."""
    number = int((await conn.execute(_INSERT, to_row(wanted) | {"made_at": now})).scalar_one())
    return Notification(id=number, made_at=now, **msgspec.structs.asdict(wanted))


async def any_due(conn: Connection, now: datetime) -> bool:
    """Whether there are notifications that somebody may have to get now."""
    return (await conn.execute(_ANY_DUE, {"now": now})).first() is not None


async def due(conn: Connection, now: datetime) -> Sequence[Notification]:
    """Those notifications, kept from other writers until the transaction ends."""
    return [from_row(Notification, row) for row in await conn.execute(_DUE, {"now": now})]


async def next_due(conn: Connection, now: datetime) -> datetime | None:
    """When the first of those is due that are not due yet."""
    found: datetime | None = (await conn.execute(_NEXT_DUE, {"now": now})).scalar()
    return found


async def save(conn: Connection, notification: Notification, known: Notification) -> None:
    """Write what is different from the notification that was read in this transaction."""
    await overwrite(conn, notifications, notification, known)


async def recipients(conn: Connection, notification: Notification) -> Sequence[str]:
    """The sessions of its recipients who are logged in now."""
    query = _RECIPIENTS[notification.recipient_type]
    rows = await conn.execute(query, {"recipient": notification.recipient})
    return sorted(row.id for row in rows)


async def recipient_exists(conn: Connection, kind: RecipientType, name: str) -> bool:
    """Whether there is such a user, group or campaign."""
    return (await conn.execute(_EXISTS[kind], {"recipient": name})).first() is not None
