"""Caller ids: whoever is called is shown numbers of the site's own, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, insert, select

from bridge.campaigns import queries
from bridge.campaigns.caller_id_group import CallerIdGroup
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign, Did, GroupAlias, InGroup
from bridge.campaigns.own_number import OwnNumber, readings
from bridge.leads.model import LeadList
from bridge.store import schema
from bridge.store.connection import Connection
from bridge.store.exclusive import exclusive
from bridge.store.transaction import Transaction

SHORTEST: Final = 7
"""Digits of the shortest caller id that has to be one of the table: fewer are an extension of an exchange,
which nobody outside takes for a number."""
TAKEN: Final = "own_numbers.taken"
"""Mark among the settings in the store: the numbers of a site from before the table are in it."""

_SHOWN: Final = (
    (Campaign.kind, schema.campaigns.c.id, schema.campaigns.c.caller_id),
    (InGroup.kind, schema.in_groups.c.name, schema.in_groups.c.caller_id),
    (GroupAlias.kind, schema.group_aliases.c.name, schema.group_aliases.c.caller_id),
    (LeadList.kind, schema.lists.c.id, schema.lists.c.caller_id),
    (CallerIdGroup.kind, schema.caller_id_entries.c.group, schema.caller_id_entries.c.number),
)
"""What has a caller id."""
_CALLED: Final = ((Did.kind, schema.dids.c.number, schema.dids.c.number),)


class Use(NamedTuple):
    """A number that something of the site shows or is called by."""

    owner: str
    """As a person would say it."""
    digits: str


def _shown_in(item: SiteItem | None) -> tuple[str, ...]:
    """What a thing shows of numbers that are long enough for one."""
    shown: tuple[str, ...] = ()
    if isinstance(item, CallerIdGroup):
        shown = tuple(dict.fromkeys(entry.number for entry in item.entries))
    elif isinstance(item, Campaign | InGroup | GroupAlias | LeadList):
        shown = (item.caller_id,)
    return tuple(digits for digits in shown if len(digits) >= SHORTEST)


def uses_of(item: SiteItem) -> list[Use]:
    """What a thing shows or is called by."""
    digits = (item.number,) if isinstance(item, Did) else _shown_in(item)
    return [Use(f"{item.kind} {item.key}", one) for one in digits]


def numbers_of(uses: Iterable[Use], country: str) -> dict[str, OwnNumber]:
    """Own numbers by their keys; what cannot be read as a number is left out."""
    found: dict[str, OwnNumber] = {}
    for use in uses:
        for e164 in readings(use.digits, country)[:1] if len(use.digits) >= SHORTEST else ():
            found.setdefault(e164, OwnNumber(number=e164, name=use.owner))
    return found


async def check_shown(conn: Connection, item: SiteItem, before: SiteItem | None, country: str) -> None:
    """Refuse a new caller id that is none of the table; one that was set earlier stays.

    Raises:
        InvalidField: it is none of the site's own numbers.
    """
    known = _shown_in(before)
    field = "entries" if isinstance(item, CallerIdGroup) else "caller_id"
    for shown in _shown_in(item):
        if shown in known:
            continue
        found = readings(shown, country)
        if not any([await queries.get(conn, OwnNumber, number) is not None for number in found]):
            mend = f"agent-bridge ownnumber add {found[0]}" if found else "it cannot be read as a number"
            raise InvalidField(field, f"{shown!r} is none of the site's own numbers: {mend}")


async def take(tx: Transaction, item: SiteItem, country: str) -> None:
    """Take the numbers that a thing shows into the table."""
    for number in numbers_of(uses_of(item), country).values():
        if await queries.get(tx.conn, OwnNumber, number.key) is None:
            await queries.put(tx.conn, number, new=True, now=tx.now)


async def shown_by(conn: Connection, number: str, country: str) -> str:
    """What shows an own number, as a person would say it; empty if nothing does."""
    uses = await _stored(conn, _SHOWN)
    return next((use.owner for use in uses if number in readings(use.digits, country)), "")


async def take_once(tx: Transaction, country: str) -> int:
    """Take what a site from before the table shows and is called by into it; how many numbers were added.

    A second time, and at a site that was made with the table, it does nothing.
    """
    await exclusive(tx.conn, TAKEN)
    mark = select(schema.settings.c.key).where(schema.settings.c.key == TAKEN)
    if (await tx.conn.execute(mark)).first() is not None:
        return 0
    await tx.conn.execute(insert(schema.settings), {"key": TAKEN, "value": True, "updated_at": tx.now})
    found = numbers_of(await _stored(tx.conn, (*_SHOWN, *_CALLED)), country)
    for number in found.values():
        new = await queries.get(tx.conn, OwnNumber, number.key) is None
        await queries.put(tx.conn, number, new=new, now=tx.now)
    return len(found)


async def _stored(conn: Connection, places: Iterable[tuple[str, Column[Any], Column[str]]]) -> list[Use]:
    found: list[Use] = []
    for kind, key, digits in places:
        query = select(key.label("owner"), digits.label("shown")).where(digits != "").order_by(key)
        found += [Use(f"{kind} {row.owner}", row.shown) for row in await conn.execute(query)]
    return found
