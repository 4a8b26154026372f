"""Works that must not run beside each other, though they touch no common row yet."""

from __future__ import annotations

from typing import Final
from zlib import crc32

from sqlalchemy import text

from bridge.store.connection import Connection

CLASS: Final = 4_771_003
"""First half of the key of the PostgreSQL advisory lock; the second is made from the name."""

_lock = text("SELECT pg_advisory_xact_lock(:class, :key)")


async def exclusive(conn: Connection, name: str) -> None:
    """Let other transactions of this name wait until the end of this one; on SQLite they do so anyway.

    What they have written can be read after it.
    """
    if conn.dialect.name == "postgresql":
        await conn.execute(_lock, {"class": CLASS, "key": crc32(name.encode()) - 2**31})
