"""SQL of the entries of caller-id groups: rows below those of the groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select

from bridge.campaigns.caller_id_group import CallerIdEntry, CallerIdGroup
from bridge.store.connection import Connection
from bridge.store.rows import from_row
from bridge.store.schema import caller_id_entries as entries


async def of(conn: Connection, groups: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    """The entries of these groups, as a group's fields have them."""
    found: dict[str, list[CallerIdEntry]] = {group: [] for group in groups}
    for row in await conn.execute(select(entries).where(entries.c.group.in_(groups))):
        found[row.group].append(from_row(CallerIdEntry, row))
    return {group: {"entries": rows} for group, rows in found.items()}


async def put(conn: Connection, group: CallerIdGroup) -> None:
    """Make a group's entries these."""
    await remove(conn, group.name)
    rows = [msgspec.structs.asdict(entry) | {"group": group.name} for entry in group.entries]
    if rows:
        await conn.execute(insert(entries), rows)


async def remove(conn: Connection, group: str) -> None:
    """Delete all of a group's."""
    await conn.execute(delete(entries).where(entries.c.group == group))
