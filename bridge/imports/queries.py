"""SQL of imports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, delete, insert, select, text, update

from bridge.consent.model import Consent
from bridge.imports.model import Import, Plan, Refusal
from bridge.leads.model import NewLead
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import consents, import_refusals, imports, leads

_LEAD: Final = NewLead.__struct_fields__
# Not `Prepared`, which would run on the event loop: hundreds of rows are the business of a thread.
_ADD_LEADS = insert(leads)
_ADD_REFUSALS = insert(import_refusals)
_ADD_CONSENTS = insert(consents)
_USED = text(
    "SELECT max(coalesce((SELECT max(id) FROM leads), 0), "
    "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'leads'), 0))"
)
_TAKE_IDS = text("SELECT nextval(pg_get_serial_sequence('leads', 'id')) FROM generate_series(1, :count)")


async def get(conn: Connection, import_id: str) -> Import | None:
    """One import."""
    row = (await conn.execute(select(imports).where(imports.c.id == import_id))).first()
    if row is None:
        return None
    values = {name: getattr(row, name) for name in Import.__struct_fields__}
    values |= {"plan": msgspec.convert(row.plan, Plan), "titles": tuple(row.titles)}
    return Import(**values)


async def add(conn: Connection, new: Import, now: datetime) -> None:
    """A new row."""
    values = msgspec.structs.asdict(new) | {"plan": msgspec.to_builtins(new.plan), "titles": list(new.titles)}
    await conn.execute(insert(imports).values(values | {"begun_at": now, "changed_at": now}))


async def advance(conn: Connection, import_id: str, start: int, end: int, *, now: datetime) -> bool:
    """Go on from one row to another; false if it is not at the first, or there is no such import.

    Whoever else wants to go on from there waits until this transaction ends, and is refused then.
    """
    done = await conn.execute(
        update(imports)
        .where(imports.c.id == import_id, imports.c.position == start)
        .values(position=end, changed_at=now)
    )
    return done.rowcount == 1


async def count(conn: Connection, import_id: str, *, added: int, refused: int) -> None:
    """Count what was found out since."""
    counts = {"added": imports.c.added + added, "refused": imports.c.refused + refused}
    await conn.execute(update(imports).where(imports.c.id == import_id).values(counts))


async def add_leads(
    conn: Connection, new: Sequence[NewLead], now: datetime, numbers: Sequence[int] = ()
) -> None:
    """Rows for leads.

    Args:
        conn: within the transaction.
        new: the leads.
        now: when they come.
        numbers: the id of each, from `take_ids`; none: the database gives them.
    """
    if new:
        own = {"entry_date": now, "modify_date": now}
        rows = [_values(lead) | own for lead in new]
        if numbers:
            rows = [row | {"id": number} for row, number in zip(rows, numbers, strict=True)]
        await conn.execute(_ADD_LEADS, rows)


async def take_ids(conn: Connection, count: int) -> Sequence[int]:
    """Ids for so many leads: rows that are written in one statement do not say which id each has got."""
    if conn.dialect.name == "sqlite":  # nobody else writes before this transaction has ended
        used = int((await conn.execute(_USED)).scalar_one())
        return range(used + 1, used + 1 + count)
    return sorted((await conn.execute(_TAKE_IDS, {"count": count})).scalars())


async def add_consents(conn: Connection, new: Sequence[Consent]) -> None:
    """Rows for consents."""
    if new:
        names = [name for name in Consent.__struct_fields__ if name != "id"]
        await conn.execute(_ADD_CONSENTS, [{name: getattr(one, name) for name in names} for one in new])


def _values(lead: NewLead) -> dict[str, Any]:
    values = {name: getattr(lead, name) for name in _LEAD}
    values["custom"] = dict(lead.custom)
    return values


async def add_refusals(conn: Connection, import_id: str, refused: Sequence[Refusal]) -> None:
    """Rows for rows that were refused."""
    if refused:
        rows = [
            msgspec.structs.asdict(one) | {"import_id": import_id, "cells": list(map(_storable, one.cells))}
            for one in refused
        ]
        await conn.execute(_ADD_REFUSALS, rows)


def _storable(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


_REFUSALS = Prepared(
    select(import_refusals)
    .where(
        import_refusals.c.import_id == bindparam("wanted"),
        import_refusals.c.row > bindparam("after"),
    )
    .order_by(import_refusals.c.row)
    .limit(bindparam("at_most"))
)


async def refusals(conn: Connection, import_id: str, after: int, limit: int) -> list[Refusal]:
    """Rows that were refused, in their order, from the one behind `after`."""
    found = await conn.execute(_REFUSALS, {"wanted": import_id, "after": after, "at_most": limit})
    return [Refusal(row=one.row, column=one.column, why=one.why, cells=tuple(one.cells)) for one in found]


async def remove_refusals(conn: Connection, before: datetime, limit: int) -> int:
    """Forget what was in refused rows of imports that nobody has touched since; how many rows."""
    old = select(imports.c.id).where(imports.c.changed_at < before)
    rows = (
        select(import_refusals.c.import_id, import_refusals.c.row)
        .where(import_refusals.c.import_id.in_(old))
        .limit(limit)
    )
    keys = [(one.import_id, one.row) for one in await conn.execute(rows)]
    for import_id in {key[0] for key in keys}:
        numbers = [row for owner, row in keys if owner == import_id]
        await conn.execute(
            delete(import_refusals).where(
                import_refusals.c.import_id == import_id, import_refusals.c.row.in_(numbers)
            )
        )
    return len(keys)
