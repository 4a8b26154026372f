"""SQL of agents' consoles: passwords, sessions of their pages, links that log in once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from bridge.access.console_model import ConsoleSession
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import console_links, console_passwords, console_sessions

_sessions = console_sessions.c
_HASH = Prepared(select(console_passwords.c.hash).where(console_passwords.c.user == bindparam("user_name")))
_BY_DIGEST = Prepared(select(console_sessions).where(_sessions.digest == bindparam("digest_")))
_BY_ID = Prepared(select(console_sessions).where(_sessions.id == bindparam("id_")))


async def password_hash(conn: Connection, user: str) -> str:
    """The hash of an agent's password; empty: she has none."""
    row = (await conn.execute(_HASH, {"user_name": user})).first()
    return "" if row is None else str(row.hash)


async def set_password(conn: Connection, user: str, encoded: str, now: datetime) -> None:
    """Another password."""
    await conn.execute(delete(console_passwords).where(console_passwords.c.user == user))
    await conn.execute(insert(console_passwords).values(user=user, hash=encoded, set_at=now))


async def rehash(conn: Connection, user: str, old: str, new: str) -> None:
    """The same password hashed at today's costs; only if it was not changed meanwhile."""
    mine = (console_passwords.c.user == user) & (console_passwords.c.hash == old)
    await conn.execute(update(console_passwords).where(mine).values(hash=new))


async def begin(conn: Connection, session: ConsoleSession, digest: str, most: int, now: datetime) -> None:
    """Add a session; those that are over go, and of too many of hers the oldest."""
    await conn.execute(delete(console_sessions).where(_sessions.ends_at <= now))
    mine = select(_sessions.id).where(_sessions.user == session.user)
    oldest = (
        await conn.execute(mine.order_by(_sessions.made_at.desc(), _sessions.id).offset(most - 1))
    ).all()
    await conn.execute(delete(console_sessions).where(_sessions.id.in_([row.id for row in oldest])))
    values = {name: getattr(session, name) for name in ConsoleSession.__struct_fields__}
    await conn.execute(insert(console_sessions).values(values | {"digest": digest}))


async def put_link(conn: Connection, user: str, digest: str, ends_at: datetime, now: datetime) -> None:
    """Add a link that logs an agent in once; the one that she had before, and those that are over, go."""
    others = (console_links.c.user == user) | (console_links.c.ends_at <= now)
    await conn.execute(delete(console_links).where(others))
    await conn.execute(insert(console_links).values(user=user, digest=digest, ends_at=ends_at))


async def take_link(conn: Connection, digest: str, now: datetime) -> str:
    """Use a link up; whom it logs in, or nobody."""
    good = (console_links.c.digest == digest) & (console_links.c.ends_at > now)
    row = (await conn.execute(delete(console_links).where(good).returning(console_links.c.user))).first()
    return "" if row is None else str(row.user)


async def by_digest(conn: Connection, digest: str) -> ConsoleSession | None:
    """The session that a token opens."""
    return _session((await conn.execute(_BY_DIGEST, {"digest_": digest})).first())


async def by_id(conn: Connection, session: str) -> ConsoleSession | None:
    """A session that is not ended."""
    return _session((await conn.execute(_BY_ID, {"id_": session})).first())


async def end(conn: Connection, session: str) -> bool:
    """End one; false if it is over."""
    return (await conn.execute(delete(console_sessions).where(_sessions.id == session))).rowcount > 0


async def end_all(conn: Connection, user: str) -> int:
    """End all sessions of an agent, and the links that would begin one; how many sessions there were."""
    await conn.execute(delete(console_links).where(console_links.c.user == user))
    return (await conn.execute(delete(console_sessions).where(_sessions.user == user))).rowcount


async def log_out(conn: Connection, user: str) -> None:
    """End all sessions of an agent who has logged out: a link that was sent for her next shift stays."""
    await conn.execute(delete(console_sessions).where(_sessions.user == user))


async def remove(conn: Connection, user: str) -> None:
    """All of a user who is removed."""
    await end_all(conn, user)
    await conn.execute(delete(console_passwords).where(console_passwords.c.user == user))


def _session(row: Row[Any] | None) -> ConsoleSession | None:
    if row is None:
        return None
    return ConsoleSession(**{name: getattr(row, name) for name in ConsoleSession.__struct_fields__})
