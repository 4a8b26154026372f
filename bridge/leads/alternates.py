"""More numbers of a lead than its own two."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import insert

from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import alt_numbers

MOST = 100
"""Numbers that one request may give."""


class AltNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    number: str
    """Digits."""
    phone_code: str = "1"
    note: str = ""


_INSERT = Prepared(insert(alt_numbers), ("lead_id", "number", "phone_code", "note", "rank"))


async def add(conn: Connection, lead_id: int, numbers: Sequence[AltNumber]) -> None:
    """Give a lead numbers, in the order in which they are to be dialled."""
    rows = [
        msgspec.structs.asdict(number) | {"lead_id": lead_id, "rank": rank}
        for rank, number in enumerate(numbers, 1)
    ]
    if rows:
        await conn.execute(_INSERT, rows)
