"""SQL of the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bridge.audit.model import AuditQuery, AuditRow, Used
from bridge.ids import uuid7
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import audit, function_use, settings, users

RETENTION = "audit.retention_days"
"""Key of the setting that the triggers of the table read."""

_COLUMNS = tuple(audit.c[name] for name in AuditRow.__struct_fields__)
_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
_there = select(users.c.user).where(users.c.user.in_(bindparam("names", expanding=True)))
_used = select(function_use.c.user, function_use.c.function, function_use.c.used_at, function_use.c.address)
_used = _used.where(function_use.c.user.in_(bindparam("users", expanding=True)))


def _insert(dialect: str) -> Any:
    return _DIALECTS[dialect].insert(audit).on_conflict_do_nothing(index_elements=["id"])


_append = {name: Prepared(_insert(name), AuditRow.__struct_fields__) for name in _DIALECTS}


async def append(conn: Connection, rows: Sequence[AuditRow]) -> None:
    """Write rows; one that is there already, because nobody knew whether it was written, is left as it is."""
    values = [msgspec.structs.asdict(row) for row in rows]
    await conn.execute(_append[conn.dialect.name], values)


async def existing(conn: Connection, names: Collection[str]) -> frozenset[str]:
    """Those names that users have."""
    return frozenset((await conn.execute(_there, {"names": sorted(names)})).scalars())


async def page(conn: Connection, query: AuditQuery) -> list[AuditRow]:
    """Rows, newest first."""
    wanted = select(*_COLUMNS).order_by(audit.c.id.desc()).limit(query.limit)
    if query.user:
        wanted = wanted.where(audit.c.user == query.user)
    if query.function:
        wanted = wanted.where(audit.c.function == query.function)
    if query.refused:
        wanted = wanted.where(audit.c.result == "refused")
    if query.since is not None:
        wanted = wanted.where(audit.c.id >= _first_of(query.since), audit.c.time >= query.since)
    if query.until is not None:
        end = _first_of(query.until + timedelta(milliseconds=1))
        wanted = wanted.where(audit.c.id < end, audit.c.time < query.until)
    if query.before:
        wanted = wanted.where(audit.c.id < query.before)
    found = await conn.execute(wanted)
    return [AuditRow(**dict(zip(AuditRow.__struct_fields__, row, strict=True))) for row in found]


async def trim(conn: Connection, before: datetime, limit: int) -> int:
    """Take away at most `limit` of the oldest rows that are older; how many."""
    old = select(audit.c.id).where(audit.c.id < _first_of(before)).order_by(audit.c.id).limit(limit)
    return (await conn.execute(delete(audit).where(audit.c.id.in_(old)))).rowcount


async def keep(conn: Connection, days: float, now: datetime) -> None:
    """Tell the table's triggers how long a row is to be kept."""
    wish = _DIALECTS[conn.dialect.name].insert(settings).values(key=RETENTION, value=days, updated_at=now)
    same = {"value": wish.excluded.value, "updated_at": wish.excluded.updated_at}
    await conn.execute(wish.on_conflict_do_update(index_elements=["key"], set_=same))


async def use(conn: Connection, uses: Mapping[tuple[str, str], Used]) -> None:
    """Keep when functions were used last."""
    wish = _DIALECTS[conn.dialect.name].insert(function_use)
    newer = {name: wish.excluded[name] for name in ("used_at", "address")}
    statement = wish.on_conflict_do_update(
        index_elements=["user", "function"],
        set_=newer,
        where=function_use.c.used_at < wish.excluded.used_at,
    )
    rows = [
        {"user": user, "function": function, "used_at": used.at, "address": used.address}
        for (user, function), used in sorted(uses.items(), key=lambda item: item[0])
    ]
    await conn.execute(statement, rows)


async def used(conn: Connection, names: Collection[str]) -> dict[str, dict[str, Used]]:
    """Of each of these users the functions that it has used."""
    found: dict[str, dict[str, Used]] = {name: {} for name in names}
    for row in await conn.execute(_used, {"users": sorted(names)}):
        found[row.user][row.function] = Used(row.used_at, row.address)
    return found


def _first_of(moment: datetime) -> str:
    """No id of a request at this moment or later sorts before this."""
    return uuid7(max(0, int(moment.timestamp() * 1000)))[:14]
