"""SQL of leads and of the do-not-call list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Row, and_, bindparam, case, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.leads.model import DncEntry, DncKind, Lead, NewLead
from bridge.store.schema import dnc, leads

# Asked for each dial, so made once.
_FORMS: BindParameter[Any] = bindparam("forms", expanding=True)
_IS_MAIN = leads.c.phone_number.in_(_FORMS)
_BY_NUMBER = (
    select(leads)
    .where(or_(_IS_MAIN, leads.c.alt_phone.in_(_FORMS)))
    .order_by(case((_IS_MAIN, 0), else_=1), leads.c.id.desc())
    .limit(bindparam("at_most"))
)
_DNC_HITS = (
    select(dnc)
    .where(
        dnc.c.campaign.in_(bindparam("campaigns", expanding=True)),
        or_(
            and_(dnc.c.kind == DncKind.NUMBER, dnc.c.number.in_(_FORMS)),
            and_(dnc.c.kind == DncKind.AREA_CODE, dnc.c.number == bindparam("area_code")),
        ),
    )
    .order_by(dnc.c.campaign, dnc.c.kind, dnc.c.number)
)


async def get(conn: AsyncConnection, lead_id: int) -> Lead | None:
    """One lead."""
    row = (await conn.execute(select(leads).where(leads.c.id == lead_id))).first()
    return None if row is None else _lead(row)


async def add(conn: AsyncConnection, lead: NewLead, now: datetime) -> int:
    """A new row; its id."""
    values = {name: getattr(lead, name) for name in NewLead.__struct_fields__}
    values |= {"custom": dict(lead.custom), "entry_date": now, "modify_date": now}
    result = await conn.execute(insert(leads).values(values).returning(leads.c.id))
    return int(result.scalar_one())


async def by_number(conn: AsyncConnection, forms: Sequence[str], limit: int) -> list[Lead]:
    """Leads with this number; their main number before the alternative one, then the newest first."""
    rows = await conn.execute(_BY_NUMBER, {"forms": forms, "at_most": limit})
    return [_lead(row) for row in rows]


async def dnc_hits(
    conn: AsyncConnection, forms: Sequence[str], area_code: str, campaign: str
) -> list[DncEntry]:
    """Entries that forbid the number, those of the whole system first."""
    asked = {"forms": forms, "area_code": area_code, "campaigns": ("", campaign)}
    return [_entry(row) for row in await conn.execute(_DNC_HITS, asked)]


async def add_dnc(conn: AsyncConnection, entry: DncEntry, now: datetime) -> bool:
    """Add an entry; false if it is there already."""
    key = (dnc.c.campaign == entry.campaign, dnc.c.number == entry.number, dnc.c.kind == entry.kind)
    if (await conn.execute(select(dnc.c.number).where(*key))).first() is not None:
        return False
    await conn.execute(insert(dnc).values(msgspec.structs.asdict(entry) | {"added_at": now}))
    return True


async def remove_dnc(conn: AsyncConnection, entry: DncEntry) -> bool:
    """Take an entry away; false if it is not there."""
    key = (dnc.c.campaign == entry.campaign, dnc.c.number == entry.number, dnc.c.kind == entry.kind)
    return (await conn.execute(delete(dnc).where(*key))).rowcount == 1


async def dnc_page(conn: AsyncConnection, campaign: str, after: str, limit: int) -> list[DncEntry]:
    """Entries of a campaign in the order of their numbers, from the one behind `after`."""
    query = select(dnc).where(dnc.c.campaign == campaign, dnc.c.number > after)
    rows = await conn.execute(query.order_by(dnc.c.number).limit(limit))
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
