"""Holds as the store has them: each is a row, and so stands over restarts and for every bridge at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import delete, insert, or_, select

from bridge.events.catalogue import HoldChanged
from bridge.rules import Held, Hold
from bridge.store.connection import Connection
from bridge.store.database import Transaction
from bridge.store.exclusive import exclusive
from bridge.store.prepared import Prepared
from bridge.store.schema import settings

PREFIX: Final = "hold."
"""Of the rows' keys; the reason follows."""


class OpenCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was not over in a copy: it may have been dialled after it was made, or be dialled again."""

    id: str
    state: str
    number: str
    agent: str
    asked_at: str


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was in a copy when it came into place; times as ISO 8601 in UTC, `None` if there was none."""

    file: str
    newest_event: int | None = None
    newest_event_at: str | None = None
    dnc: int | None = None
    newest_dnc_at: str | None = None
    open_calls: int | None = None
    first_open: tuple[OpenCall, ...] = ()
    """Of these, the newest."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A hold, with what has to be looked at before it is taken back."""

    reason: Held
    since: datetime
    restored: Restored | None = None


_is_one = or_(*(settings.c.key == PREFIX + reason for reason in Held))
_standing = Prepared(
    select(settings.c.key, settings.c.updated_at).where(_is_one).order_by(settings.c.key.desc())
)
_in_full = select(settings.c.key, settings.c.updated_at, settings.c.value).where(_is_one)


async def standing(conn: Connection) -> tuple[Hold, ...]:
    """Those that stand now, for the gate."""
    rows = await conn.execute(_standing, {})
    return tuple(Hold(reason=Held(row.key.removeprefix(PREFIX)), since=row.updated_at) for row in rows)


async def in_full(conn: Connection) -> list[Standing]:
    """The same, for people."""
    return [_of(row) for row in await conn.execute(_in_full)]


async def put(tx: Transaction, reason: Held) -> bool:
    """Hold; whether it was not held for this reason before."""
    await exclusive(tx.conn, PREFIX)
    key = PREFIX + reason
    if (await tx.conn.execute(select(settings.c.key).where(settings.c.key == key))).first() is not None:
        return False
    await tx.conn.execute(insert(settings), {"key": key, "value": {}, "updated_at": tx.now})
    tx.emit(HoldChanged(reason=reason.value, state="held"))
    return True


async def take_back(tx: Transaction, reason: Held) -> bool:
    """Hold no longer; whether it was held."""
    await exclusive(tx.conn, PREFIX)
    gone = await tx.conn.execute(delete(settings).where(settings.c.key == PREFIX + reason))
    if not gone.rowcount:
        return False
    tx.emit(HoldChanged(reason=reason.value, state="released"))
    return True


def _of(row: Any) -> Standing:
    reason = Held(row.key.removeprefix(PREFIX))
    copy = msgspec.convert(row.value, Restored) if reason is Held.RESTORED and row.value else None
    return Standing(reason=reason, since=row.updated_at, restored=copy)
