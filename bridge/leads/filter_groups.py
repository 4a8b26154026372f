"""Groups of filtered numbers: callers whom in-groups and DIDs sort out."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from bridge.store.connection import Connection
from bridge.store.schema import filter_groups, filter_numbers
from bridge.store.transaction import Transaction


async def exists(conn: Connection, group: str) -> bool:
    """Whether there is a group of this name."""
    found = select(filter_groups.c.name).where(filter_groups.c.name == group)
    return (await conn.execute(found)).first() is not None


async def add(tx: Transaction, group: str, number: str) -> bool:
    """Put a number in; false if it is in already."""
    key = {"group": group, "number": number}
    found = select(filter_numbers.c.number).filter_by(**key)
    if (await tx.conn.execute(found)).first() is not None:
        return False
    await tx.conn.execute(insert(filter_numbers).values(key))
    return True


async def remove(tx: Transaction, group: str, number: str) -> bool:
    """Take a number out; false if it is not in."""
    return (await tx.conn.execute(delete(filter_numbers).filter_by(group=group, number=number))).rowcount == 1
