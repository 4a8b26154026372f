"""SQL of leads and of the do-not-call list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, delete, insert, or_, select

from bridge.leads.model import Customer, DncEntry, DncKind, Lead, NewLead
from bridge.leads.number_sql import FORMS, asked, filled, forbids
from bridge.leads.numbers import Sought
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import overwrite
from bridge.store.schema import dnc, leads, lists

_IS_MAIN = leads.c.phone_number.in_(FORMS)
_LIKELIEST_FIRST: Select[Any] = (
    select(leads)
    .where(or_(_IS_MAIN, leads.c.alt_phone.in_(FORMS)))
    .order_by(case((_IS_MAIN, 0), else_=1), leads.c.id.desc())
)
_BY_NUMBER = Prepared(_LIKELIEST_FIRST.limit(bindparam("at_most")))
_LIKELIEST = Prepared(
    _LIKELIEST_FIRST.with_only_columns(*(leads.c[name] for name in Customer.__struct_fields__)).limit(1)
)
_DNC_HITS = Prepared(
    select(dnc)
    .where(dnc.c.campaign.in_(["", bindparam("campaign_id")]), forbids(dnc))
    .order_by(dnc.c.campaign, dnc.c.kind, dnc.c.number)
)


_INSERT = Prepared(
    insert(leads).returning(leads.c.id),
    (*NewLead.__struct_fields__, "entry_date", "modify_date", "last_local_call_time"),
)
_BY_ID = Prepared(select(leads).where(leads.c.id == bindparam("lead_id")))
_BY_ID_LOCKED = Prepared(select(leads).where(leads.c.id == bindparam("lead_id")).with_for_update())
_BY_VENDOR_CODE = Prepared(
    select(leads)
    .where(leads.c.vendor_lead_code == bindparam("vendor_code"))
    .order_by(leads.c.id.desc())
    .limit(1)
)


_CAMPAIGN_OF_LIST = Prepared(select(lists.c.campaign).where(lists.c.id == bindparam("list_id")))


async def campaign_of_list(conn: Connection, list_id: int) -> str:
    """The campaign that has a list; empty: none, or there is no such list."""
    return (await conn.execute(_CAMPAIGN_OF_LIST, {"list_id": list_id})).scalar() or ""


async def get(conn: Connection, lead_id: int) -> Lead | None:
    """One lead."""
    row = (await conn.execute(_BY_ID, {"lead_id": lead_id})).first()
    return None if row is None else _lead(row)


async def locked(conn: Connection, lead_id: int) -> Lead | None:
    """One lead, kept from other writers until the transaction ends."""
    row = (await conn.execute(_BY_ID_LOCKED, {"lead_id": lead_id})).first()
    return None if row is None else _lead(row)


async def save(conn: Connection, lead: Lead, known: Lead) -> None:
    """Write what is different from the lead that was read locked in this transaction."""
    await overwrite(conn, leads, lead, known)


async def by_vendor_code(conn: Connection, code: str) -> Lead | None:
    """The newest lead with this code."""
    row = (await conn.execute(_BY_VENDOR_CODE, {"vendor_code": code})).first()
    return None if row is None else _lead(row)


async def add(conn: Connection, lead: NewLead, now: datetime, called_at: datetime | None = None) -> int:
    """A new row; its id."""
    values = {name: getattr(lead, name) for name in NewLead.__struct_fields__}
    values |= {"custom": dict(lead.custom), "entry_date": now, "modify_date": now}
    values |= {"last_local_call_time": called_at}
    result = await conn.execute(_INSERT, values)
    return int(result.scalar_one())


async def by_number(conn: Connection, forms: Sequence[str], limit: int) -> list[Lead]:
    """Leads with this number; their main number before the alternative one, then the newest first."""
    rows = await conn.execute(_BY_NUMBER, filled(forms) | {"at_most": limit})
    return [_lead(row) for row in rows]


async def likeliest(conn: Connection, forms: Sequence[str]) -> Customer | None:
    """The first of them: what a dial wants of it, which reads no forty columns for it."""
    row = (await conn.execute(_LIKELIEST, filled(forms))).first()
    fields = Customer.__struct_fields__
    return None if row is None else Customer(**{name: getattr(row, name) for name in fields})


async def dnc_hits(conn: Connection, sought: Sought, campaign: str) -> list[DncEntry]:
    """Entries of the site's own lists that forbid the number, those of the whole system first."""
    found = await conn.execute(_DNC_HITS, asked(sought) | {"campaign_id": campaign})
    return [_entry(row) for row in found]


async def add_dnc(conn: Connection, entry: DncEntry, now: datetime) -> bool:
    """Add an entry; false if it is there already."""
    key = (dnc.c.campaign == entry.campaign, dnc.c.number == entry.number, dnc.c.kind == entry.kind)
    if (await conn.execute(select(dnc.c.number).where(*key))).first() is not None:
        return False
    values = {name: getattr(entry, name) for name in ("campaign", "number", "kind", "added_by")}
    await conn.execute(insert(dnc).values(values | {"added_at": now}))
    return True


async def remove_dnc(conn: Connection, entry: DncEntry) -> bool:
    """Take an entry away; false if it is not there."""
    key = (dnc.c.campaign == entry.campaign, dnc.c.number == entry.number, dnc.c.kind == entry.kind)
    return (await conn.execute(delete(dnc).where(*key))).rowcount == 1


async def dnc_page(conn: Connection, campaign: str, after: str, limit: int) -> list[DncEntry]:
    """Entries of a campaign in the order of their numbers, from the one behind `after`.

    `after` is a number, or a number, `_` and the entry's kind: an area code and a prefix may have the same
    digits.
    """
    number, _, kind = after.partition("_")
    behind = dnc.c.number > number
    if kind:
        behind |= (dnc.c.number == number) & (dnc.c.kind > kind)
    query = select(dnc).where(dnc.c.campaign == campaign, behind)
    rows = await conn.execute(query.order_by(dnc.c.number, dnc.c.kind).limit(limit))
    return [_entry(row) for row in rows]


def _lead(row: Row[Any]) -> Lead:
    return Lead(**{name: getattr(row, name) for name in Lead.__struct_fields__})


def _entry(row: Row[Any]) -> DncEntry:
    return DncEntry(
        number=row.number,
        kind=DncKind(row.kind),
        campaign=row.campaign,
        added_by=row.added_by,
        added_at=row.added_at,
    )
