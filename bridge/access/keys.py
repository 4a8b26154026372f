"""Keys of API users: several for each, to be changed one at a time, each shown once and kept as a digest."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Row, bindparam, delete, insert, select, update

from bridge.access.errors import InvalidUser, NoSuchKey, TooManyKeys
from bridge.access.known import Known
from bridge.access.tokens import KEY_PREFIX, digest, is_token, new_token
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction
from bridge.store.prepared import Prepared
from bridge.store.schema import api_keys

MAX_KEYS: Final = 20
"""Keys of one user that are good at the same time."""
OVERLAP: Final = timedelta(days=1)
"""How long a key that was replaced is good beside its heir, unless told otherwise."""
USE_IS_NOTED: Final = timedelta(minutes=1)
"""A use within this time of the last one that is on record is not written down."""
KEY_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")
_ID_LENGTH: Final = len(KEY_PREFIX) + 8


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key, without what it opens."""

    id: str
    """Its first characters, by which a person who finds it knows which it is."""
    user: str
    name: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    """To the minute."""
    last_used_from: str = ""

    def is_good(self, now: datetime) -> bool:
        """Whether it opens the door at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key and its token, which cannot be read again."""

    key: Key
    token: str


_BY_DIGEST = Prepared(select(api_keys).where(api_keys.c.digest == bindparam("digest_")))
_BY_ID = select(api_keys).where(api_keys.c.id == bindparam("id_"))


class Keys:
    """The keys of one store.

    Args:
        db: the open store.
        clock: what time it is, aware.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._known: Known[Key] = Known()

    async def make(self, user: str, name: str, expires_at: datetime | None) -> NewKey:
        """Give a user one more key.

        Args:
            user: an API user who is there.
            name: what people call it: where it is used.
            expires_at: when it ends by itself, aware.

        Raises:
            InvalidUser: name or time cannot be.
            TooManyKeys: the user has enough.
        """
        now = self._clock()
        if not KEY_NAME.fullmatch(name):
            raise InvalidUser("name", "1 to 40 letters, digits, blanks and . _ - (the first none of these)")
        if expires_at is not None and expires_at <= now:
            raise InvalidUser("expires_at", "this moment is over")
        token = new_token(KEY_PREFIX)
        key = Key(id=token[:_ID_LENGTH], user=user, name=name, created_at=now, expires_at=expires_at)

        async def work(tx: Transaction) -> None:
            good = [one for one in await _of_user(tx.conn, user) if one.is_good(now)]
            if len(good) >= MAX_KEYS:
                raise TooManyKeys(user, MAX_KEYS)
            await _add(tx.conn, key, token)

        await self._db.write(work)
        return NewKey(key=key, token=token)

    async def of_user(self, user: str) -> list[Key]:
        """All that it has and had, the oldest first."""
        async with self._db.read() as conn:
            return await _of_user(conn, user)

    async def replace(self, user: str, key_id: str, overlap: timedelta = OVERLAP) -> NewKey:
        """Make a key of the same name and end; the old one is good for the overlap, and no longer.

        Raises:
            NoSuchKey: the user has no such key that is good.
        """
        now = self._clock()
        token = new_token(KEY_PREFIX)

        async def work(tx: Transaction) -> Key:
            old = await _find(tx.conn, user, key_id)
            if old is None or not old.is_good(now):
                raise NoSuchKey(user, key_id)
            ends = min(now + overlap, old.expires_at or now + overlap)
            await _change(tx.conn, old.id, expires_at=ends)
            fresh = msgspec.structs.replace(
                old, id=token[:_ID_LENGTH], created_at=now, last_used_at=None, last_used_from=""
            )
            await _add(tx.conn, fresh, token)
            return fresh

        return NewKey(key=await self._db.write(work), token=token)

    async def revoke(self, user: str, key_id: str) -> Key:
        """End a key at once; one that was ended stays as it is.

        Raises:
            NoSuchKey: the user has none of this id.
        """
        now = self._clock()

        async def work(tx: Transaction) -> Key:
            key = await _find(tx.conn, user, key_id)
            if key is None:
                raise NoSuchKey(user, key_id)
            if key.revoked_at is not None:
                return key
            await _change(tx.conn, key.id, revoked_at=now)
            return msgspec.structs.replace(key, revoked_at=now)

        return await self._db.write(work)

    async def by_token(self, token: str) -> Key | None:
        """The key that a token is, if it is good now; costs a read at most."""
        if not is_token(token, KEY_PREFIX):
            return None
        key = await self._stored(digest(token))
        return key if key is not None and key.is_good(self._clock()) else None

    async def is_good(self, key_id: str) -> bool:
        """Whether a key still opens the door; for what was begun with it and goes on."""
        async with self._db.read() as conn:
            row = (await conn.execute(_BY_ID, {"id_": key_id})).first()
        return row is not None and _key(row).is_good(self._clock())

    async def note_use(self, key: Key, address: str) -> None:
        """Write down that it was used, once a minute at most."""
        now = self._clock()
        if key.last_used_at is not None and now - key.last_used_at < USE_IS_NOTED:
            return
        await self._db.write(
            lambda tx: _change(tx.conn, key.id, last_used_at=now, last_used_from=address[:45])
        )

    async def _stored(self, of: str) -> Key | None:
        edition = self._db.edition("api_keys")  # before the read: a write meanwhile changes it
        known = self._known.get(of, edition)
        if known is not None:
            return known
        async with self._db.read() as conn:
            row = (await conn.execute(_BY_DIGEST, {"digest_": of})).first()
        if row is None:
            return None
        key = _key(row)
        self._known.keep(of, edition, key)
        return key


async def remove_all(conn: Connection, user: str) -> None:
    """The keys of a user who is removed."""
    await conn.execute(delete(api_keys).where(api_keys.c.user == user))


async def _of_user(conn: Connection, user: str) -> list[Key]:
    query = select(api_keys).where(api_keys.c.user == user).order_by(api_keys.c.created_at, api_keys.c.id)
    return [_key(row) for row in await conn.execute(query)]


async def _find(conn: Connection, user: str, key_id: str) -> Key | None:
    row = (await conn.execute(_BY_ID.where(api_keys.c.user == user), {"id_": key_id})).first()
    return None if row is None else _key(row)


async def _add(conn: Connection, key: Key, token: str) -> None:
    values = msgspec.structs.asdict(key) | {"digest": digest(token)}
    await conn.execute(insert(api_keys).values(values))


async def _change(conn: Connection, key_id: str, **values: Any) -> None:
    await conn.execute(update(api_keys).where(api_keys.c.id == key_id).values(values))


def _key(row: Row[Any]) -> Key:
    return Key(**{name: getattr(row, name) for name in Key.__struct_fields__})
