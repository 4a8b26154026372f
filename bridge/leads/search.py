"""Finding leads by what callers know of them. SQL; each search goes by an index and has a limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from sqlalchemy import Row, Select, Table, UnaryExpression, select

from bridge.leads.model import Lead
from bridge.store.connection import Connection
from bridge.store.schema import archived_leads, calls, leads, lists

By = Literal["id", "vendor_lead_code", "phone_number"]
"""Fields of a lead that have an index of their own."""
Order = Literal["newest id", "newest entry"]

MOST_LISTS: Final = 10_000
"""Lists of a campaign that one search looks into."""


async def find(  # noqa: PLR0913  a search is said in one call
    conn: Connection,
    by: By,
    value: str | int,
    *,
    lists_only: Sequence[int] | None = None,
    order: Order = "newest id",
    limit: int,
    archived: bool = False,
    before: int | None = None,
) -> list[Lead]:
    """Leads whose field has exactly this value.

    Args:
        conn: any.
        by: the field.
        value: what it has.
        lists_only: the lists that are looked into; `None`: all.
        order: which come first; of those of one moment the smallest id.
        limit: at most so many.
        archived: look into the archive instead.
        before: only those with a smaller id.
    """
    table = archived_leads if archived else leads
    query = select(table).where(table.c[by] == value)
    if lists_only is not None:
        query = query.where(table.c.list_id.in_(lists_only))
    if before is not None:
        query = query.where(table.c.id < before)
    return await _leads(conn, query.order_by(*_order(table, order)).limit(limit))


async def by_ids(conn: Connection, ids: Iterable[int], limit: int, *, archived: bool = False) -> list[Lead]:
    """The leads of these ids, the newest id first."""
    wanted = sorted(set(ids), reverse=True)
    table = archived_leads if archived else leads
    return await _leads(
        conn, select(table).where(table.c.id.in_(wanted)).order_by(table.c.id.desc()).limit(limit)
    )


async def lists_of_campaign(conn: Connection, campaign: str) -> list[int]:
    """Ids of the lists of a campaign."""
    query = select(lists.c.id).where(lists.c.campaign == campaign).order_by(lists.c.id).limit(MOST_LISTS)
    return list((await conn.execute(query)).scalars())


async def called(conn: Connection, where: Sequence[Any], limit: int) -> list[Lead]:
    """The leads of calls: once for each call, those that went out first, then those that came in."""
    inbound = calls.c.kind == "Y"
    query = select(leads).join(calls, calls.c.lead_id == leads.c.id).where(*where)
    return await _leads(conn, query.order_by(inbound, calls.c.asked_at, calls.c.id).limit(limit))


def _order(table: Table, order: Order) -> tuple[UnaryExpression[Any] | Any, ...]:
    if order == "newest id":
        return (table.c.id.desc(),)
    return (table.c.entry_date.desc(), table.c.id)


async def _leads(conn: Connection, query: Select[Any]) -> list[Lead]:
    return [lead_of(row) for row in await conn.execute(query)]


def lead_of(row: Row[Any]) -> Lead:
    """The lead that a row holds."""
    return Lead(**{name: getattr(row, name) for name in Lead.__struct_fields__})
