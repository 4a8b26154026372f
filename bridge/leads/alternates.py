"""More numbers of a lead than its own two."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row
from bridge.store.schema import alt_numbers

MOST = 100
"""Numbers that one request may give."""


class AltNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    number: str
    """Digits."""
    phone_code: str = "1"
    note: str = ""
    active: bool = True
    """Whether it is dialled; one that is not is kept."""


_OF_LEAD = alt_numbers.c.lead_id == bindparam("of_lead")
_EVERY = select(alt_numbers).where(_OF_LEAD).order_by(alt_numbers.c.rank, alt_numbers.c.id)
_ALL = Prepared(_EVERY)
_ACTIVE = Prepared(_EVERY.where(alt_numbers.c.active.is_(True)))
_INSERT = Prepared(insert(alt_numbers), ("lead_id", *AltNumber.__struct_fields__, "rank"))
_DELETE = Prepared(delete(alt_numbers).where(_OF_LEAD))


async def add(conn: Connection, lead_id: int, numbers: Sequence[AltNumber]) -> None:
    """Give a lead numbers, in the order in which they are to be dialled."""
    rows = [
        msgspec.structs.asdict(number) | {"lead_id": lead_id, "rank": rank}
        for rank, number in enumerate(numbers, 1)
    ]
    if rows:
        await conn.execute(_INSERT, rows)


async def replace(conn: Connection, lead_id: int, numbers: Sequence[AltNumber]) -> bool:
    """Give a lead these numbers in place of those that it has; whether anything is different now."""
    if await every(conn, lead_id) == list(numbers):
        return False
    await conn.execute(_DELETE, {"of_lead": lead_id})
    await add(conn, lead_id, numbers)
    return True


async def every(conn: Connection, lead_id: int) -> list[AltNumber]:
    """Those of a lead in the order in which they are dialled, also those that are not."""
    rows = await conn.execute(_ALL, {"of_lead": lead_id})
    return [from_row(AltNumber, row) for row in rows]


async def active(conn: Connection, lead_id: int) -> list[tuple[int, AltNumber]]:
    """Those of a lead that may be dialled, with their ranks and in that order."""
    rows = await conn.execute(_ACTIVE, {"of_lead": lead_id})
    return [(row.rank, from_row(AltNumber, row)) for row in rows]
