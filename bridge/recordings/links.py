"""Links by which a recording can be fetched without a login: signed, and good for a while only."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from sqlalchemy import delete, insert, select

from bridge.errors import LinkExpired, LinkInvalid
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction
from bridge.store.schema import settings
from bridge.turn import Turn, Turns

NAME = "recordings.key"
"""Of the key among the settings in the store."""

KEY_BYTES = 32
"""As many as the hash has: more would add nothing (RFC 2104 section 3)."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a link."""

    recording_id: int
    expires: int
    """Unix time, in seconds."""
    signed_for: str
    """The API user who was given it."""
    signature: str = ""
    """Hexadecimal HMAC-SHA256 over all of that."""


class Signer:
    """Signs links, and tells those that it has signed from all others.

    Args:
        db: the open store, where the key is kept; it is made when the first link is.
        key: one of the settings instead; empty: that of the store.
        seconds: how long a link is good.
    """

    def __init__(self, db: Database, key: str, seconds: float) -> None:
        self._db = db
        self._own = key.encode()
        self._good_for = timedelta(seconds=seconds)

    async def sign(self, recording_id: int, signed_for: str, now: datetime) -> Link:
        """Make a link to a recording."""
        expires = int((now + self._good_for).timestamp())
        link = Link(recording_id=recording_id, expires=expires, signed_for=signed_for)
        return msgspec.structs.replace(link, signature=_signature(await self._key(), link))

    async def check(self, link: Link, now: datetime) -> None:
        """Let a link of ours pass.

        Raises:
            LinkInvalid: it was not signed by us, or something in it was changed.
            LinkExpired: its time is over.
        """
        if not hmac.compare_digest(_signature(await self._key(), link).encode(), link.signature.encode()):
            raise LinkInvalid
        if now.timestamp() >= link.expires:
            raise LinkExpired

    async def _key(self) -> bytes:
        if self._own:
            return self._own
        async with self._db.read() as conn:
            known = await _read(conn)
        return known or await Turns(self._db).run(_make)


def _signature(key: bytes, link: Link) -> str:
    text = f"recording\n{link.recording_id}\n{link.expires}\n{link.signed_for}"
    return hmac.new(key, text.encode(), sha256).hexdigest()


async def _read(conn: Connection) -> bytes:
    row = (await conn.execute(select(settings.c.value).where(settings.c.key == NAME))).first()
    return bytes.fromhex(row.value) if row else b""


async def _make(turn: Turn) -> bytes:
    """A key, unless another bridge was first."""
    known = await _read(turn.tx.conn)
    if known:
        return known
    return await _write(turn.tx)


async def _write(tx: Transaction) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    await tx.conn.execute(insert(settings), {"key": NAME, "value": key.hex(), "updated_at": tx.now})
    return key


async def new_key(tx: Transaction) -> None:
    """Make another key: no link that was given so far is good any more."""
    await tx.conn.execute(delete(settings).where(settings.c.key == NAME))
    await _write(tx)
