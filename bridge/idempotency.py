"""Keys of requests that must not run twice, kept in the store."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update

from bridge.services import Claim
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreConflict
from bridge.store.schema import idempotency as keys

KEPT: Final = timedelta(hours=48)
"""How long an answer is kept: longer than any client retries."""

ABANDONED: Final = timedelta(minutes=2)
"""A request that has run for so long was cut off by a crash: a repetition goes on, with the same call id."""


def _kept(key: str) -> str:
    """A key as it is stored: callers put what they like into it, secrets too."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class IdempotencyKeys:
    """One row a key and owner; the first to write it owns the request."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def claim(self, owner: str, key: str, fingerprint: str, call_id: str) -> Claim:
        """Take the key for this request, in one atomic step."""

        async def work(tx: Transaction) -> Claim:
            mine = (keys.c.scope == owner) & (keys.c.key == _kept(key))
            await tx.conn.execute(delete(keys).where(mine, keys.c.expires_at < tx.now))
            row = (await tx.conn.execute(select(keys).where(mine).with_for_update())).first()
            if row is None:
                await tx.conn.execute(
                    keys.insert().values(
                        scope=owner,
                        key=_kept(key),
                        fingerprint=fingerprint,
                        call_id=call_id,
                        state="running",
                        created_at=tx.now,
                        expires_at=tx.now + KEPT,
                    )
                )
                return Claim(outcome="new", call_id=call_id)
            if row.fingerprint != fingerprint:
                return Claim(outcome="mismatch", call_id=row.call_id)
            if row.state == "running" and row.created_at < tx.now - ABANDONED:
                await tx.conn.execute(update(keys).where(mine).values(created_at=tx.now))
                return Claim(outcome="new", call_id=row.call_id)
            if row.state == "running":
                return Claim(outcome="running", call_id=row.call_id)
            body = (row.body or "").encode()
            return Claim(outcome="done", call_id=row.call_id, status=row.status, body=body)

        try:
            return await self._db.write(work)
        except StoreConflict:  # on PostgreSQL: somebody else was first, and now the row is there
            return await self._db.write(work)

    async def settle(self, owner: str, key: str, status: int, body: bytes) -> None:
        """Keep the answer that later requests with the key get."""

        async def work(tx: Transaction) -> None:
            row = update(keys).where(keys.c.scope == owner, keys.c.key == _kept(key))
            await tx.conn.execute(row.values(state="done", status=status, body=body.decode()))

        await self._db.write(work)

    async def release(self, owner: str, key: str, call_id: str) -> None:
        """Give the key back: nothing was dialled. Whoever has taken it anew since keeps it."""

        async def work(tx: Transaction) -> None:
            mine = (keys.c.scope == owner) & (keys.c.key == _kept(key)) & (keys.c.call_id == call_id)
            await tx.conn.execute(delete(keys).where(mine))

        await self._db.write(work)

    async def trim(self) -> None:
        """Delete keys whose time is over."""

        async def work(tx: Transaction) -> None:
            await tx.conn.execute(delete(keys).where(keys.c.expires_at < datetime.now(UTC)))

        await self._db.write(work)
