"""Groups of filtered numbers: kept for callers of the APIs; no call is sorted out by them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, and_, delete, insert, select

from bridge.campaigns.errors import InvalidField, ItemExists, NoSuchItem
from bridge.leads.numbers import canonical, forms
from bridge.store.connection import Connection
from bridge.store.database import Database
from bridge.store.exclusive import exclusive
from bridge.store.schema import filter_groups, filter_numbers
from bridge.store.transaction import Transaction

KIND: Final = "filter group"
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,20}")
_TITLE: Final = re.compile(r"[^\x00-\x1f\x7f]{0,40}")


class FilterGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group; its numbers are told apart from it."""

    name: str
    title: str = ""

    def __post_init__(self) -> None:
        """Check the fields (`InvalidField`)."""
        if not _NAME.fullmatch(self.name):
            raise InvalidField("name", "1 to 20 letters, digits, '_' or '-'")
        if not _TITLE.fullmatch(self.title):
            raise InvalidField("title", "at most 40 characters, no control characters")


class FilterGroups:
    """The groups of one store. A number is kept once in a group, however it is written.

    Args:
        db: the open store.
        country: the site's, two letters: how a number without a country code is read.
    """

    def __init__(self, db: Database, country: str) -> None:
        self._db = db
        self._country = country

    async def groups(self, *, after: str = "", limit: int) -> list[FilterGroup]:
        """Groups by their names, from the one behind `after` on."""
        query = select(filter_groups).where(filter_groups.c.name > after).order_by(filter_groups.c.name)
        async with self._db.read() as conn:
            rows = await conn.execute(query.limit(limit))
            return [FilterGroup(name=row.name, title=row.title) for row in rows]

    async def make(self, group: FilterGroup) -> None:
        """Add a group (`ItemExists`)."""

        async def work(tx: Transaction) -> None:
            await exclusive(tx.conn, _work_on(group.name))
            if await _exists(tx.conn, group.name):
                raise ItemExists(KIND, group.name)
            await tx.conn.execute(insert(filter_groups).values(name=group.name, title=group.title))

        await self._db.write(work)

    async def drop(self, name: str) -> None:
        """Take a group away with its numbers (`NoSuchItem`)."""

        async def work(tx: Transaction) -> None:
            await _locked(tx.conn, name)
            await tx.conn.execute(delete(filter_numbers).filter_by(group=name))
            await tx.conn.execute(delete(filter_groups).filter_by(name=name))

        await self._db.write(work)

    async def numbers(self, name: str, *, after: str = "", limit: int) -> list[str]:
        """Numbers of a group in their order, from the one behind `after` on (`NoSuchItem`)."""
        found = select(filter_numbers.c.number).filter_by(group=name).where(filter_numbers.c.number > after)
        async with self._db.read() as conn:
            await _known(conn, name)
            return list((await conn.execute(found.order_by(filter_numbers.c.number).limit(limit))).scalars())

    async def has(self, name: str, number: str) -> bool:
        """Whether a number is in a group (`NoSuchItem`)."""
        async with self._db.read() as conn:
            await _known(conn, name)
            return await _is_in(conn, name, forms(number, self._country))

    async def add(self, name: str, number: str) -> bool:
        """Put a number in; false if it is in already (`NoSuchItem`)."""
        kept = canonical(number, self._country)

        async def work(tx: Transaction) -> bool:
            await _locked(tx.conn, name)
            if await _is_in(tx.conn, name, forms(number, self._country)):
                return False
            await tx.conn.execute(insert(filter_numbers).values(group=name, number=kept))
            return True

        return await self._db.write(work)

    async def remove(self, name: str, number: str) -> bool:
        """Take a number out; false if it is not in (`NoSuchItem`)."""
        gone = delete(filter_numbers).where(_one_of(name, forms(number, self._country)))

        async def work(tx: Transaction) -> bool:
            await _locked(tx.conn, name)
            return (await tx.conn.execute(gone)).rowcount > 0

        return await self._db.write(work)


def _work_on(name: str) -> str:
    return f"filter group {name}"


async def _locked(conn: Connection, name: str) -> None:
    """The group is there, and nobody else changes it until the transaction ends."""
    await exclusive(conn, _work_on(name))
    await _known(conn, name)


async def _known(conn: Connection, name: str) -> None:
    if not await _exists(conn, name):
        raise NoSuchItem(KIND, name)


async def _exists(conn: Connection, name: str) -> bool:
    return (await conn.execute(select(filter_groups.c.name).filter_by(name=name))).first() is not None


async def _is_in(conn: Connection, name: str, written: Sequence[str]) -> bool:
    found = select(filter_numbers.c.number).where(_one_of(name, written))
    return (await conn.execute(found)).first() is not None


def _one_of(name: str, written: Sequence[str]) -> ColumnElement[bool]:
    return and_(filter_numbers.c.group == name, filter_numbers.c.number.in_(written))
