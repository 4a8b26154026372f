"""SQL of imported do-not-call lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bridge.dnc.model import Entry, Version
from bridge.leads.model import DncEntry, DncKind
from bridge.leads.number_sql import asked, forbids
from bridge.leads.numbers import Sought
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import dnc_numbers, dnc_versions, import_refusals

_IN_FORCE = and_(dnc_versions.c.in_force_at.is_not(None), dnc_versions.c.replaced_at.is_(None))
_HOLDING = Prepared(
    select(dnc_versions).where(_IN_FORCE, dnc_versions.c.campaign.in_(["", bindparam("campaign_id")]))
)
_HITS = Prepared(select(dnc_numbers).where(forbids(dnc_numbers)))
_DIALECTS: Final = {"sqlite": sqlite, "postgresql": postgresql}
_STATED: Final = tuple(name for name in Version.__struct_fields__ if name != "id")


async def holding(conn: Connection, campaign: str) -> list[Version]:
    """The versions in force that hold for a campaign."""
    rows = await conn.execute(_HOLDING, {"campaign_id": campaign})
    return [_version(row) for row in rows]


async def hits(conn: Connection, sought: Sought, versions: Sequence[Version]) -> list[DncEntry]:
    """The entries of these versions that forbid a number, those of all campaigns first."""
    if not versions:
        return []
    known = {one.id: one for one in versions}
    rows = await conn.execute(_HITS, asked(sought))
    found = [_hit(row, known[row.version]) for row in rows if row.version in known]
    return sorted(found, key=lambda hit: (hit.campaign, hit.list, hit.kind))


def _hit(row: Row[Any], of: Version) -> DncEntry:
    return DncEntry(
        number=row.number,
        kind=DncKind(row.kind),
        campaign=of.campaign,
        added_by=of.by,
        added_at=of.in_force_at,
        list=of.name,
        version=of.version,
    )


async def get(conn: Connection, key: str) -> Version | None:
    """A version by its key."""
    row = (await conn.execute(select(dnc_versions).where(dnc_versions.c.key == key))).first()
    return None if row is None else _version(row)


async def in_force(conn: Connection, name: str) -> Version | None:
    """The version of a list that is in force, kept from other writers until the transaction ends."""
    query = select(dnc_versions).where(_IN_FORCE, dnc_versions.c.name == name).with_for_update()
    row = (await conn.execute(query)).first()
    return None if row is None else _version(row)


async def page(conn: Connection, after: int, limit: int) -> list[Version]:
    """All versions that there are or were, in the order in which they were begun."""
    query = select(dnc_versions).where(dnc_versions.c.id > after).order_by(dnc_versions.c.id).limit(limit)
    return [_version(row) for row in await conn.execute(query)]


async def held(conn: Connection, begin: datetime, end: datetime, limit: int) -> list[Version]:
    """The versions that were in force at some moment of a time, in the order in which they came."""
    query = (
        select(dnc_versions)
        .where(
            dnc_versions.c.in_force_at < end,
            or_(dnc_versions.c.replaced_at.is_(None), dnc_versions.c.replaced_at > begin),
        )
        .order_by(dnc_versions.c.in_force_at, dnc_versions.c.id)
        .limit(limit)
    )
    return [_version(row) for row in await conn.execute(query)]


async def add(conn: Connection, new: Version) -> None:
    """A new row."""
    values = {name: getattr(new, name) for name in _STATED} | {"dated": new.dated.isoformat()}
    await conn.execute(insert(dnc_versions).values(values))


async def advance(conn: Connection, key: str, start: int, end: int) -> bool:
    """Go on from one row to another; false if the version is not at the first."""
    wanted = (dnc_versions.c.key == key, dnc_versions.c.position == start)
    return (await conn.execute(update(dnc_versions).where(*wanted).values(position=end))).rowcount == 1


async def change(conn: Connection, version_id: int, **values: Any) -> None:
    """Write what has become of a version."""
    await conn.execute(update(dnc_versions).where(dnc_versions.c.id == version_id).values(values))


async def add_numbers(conn: Connection, version_id: int, entries: Sequence[Entry]) -> int:
    """Rows for entries that are not in yet; how many they were."""
    rows = {(one.number, one.kind.value): version_id for one in entries}
    if not rows:
        return 0
    wish = _DIALECTS[conn.dialect.name].insert(dnc_numbers).on_conflict_do_nothing()
    values: list[Mapping[str, Any]] = [
        {"number": number, "kind": kind, "version": version} for (number, kind), version in rows.items()
    ]
    result = await conn.execute(wish.values(values))
    return int(result.rowcount)


async def abandon(conn: Connection, before: datetime, now: datetime) -> None:
    """Give up versions that were left half taken in before a moment: begun again, they begin anew."""
    left = (dnc_versions.c.in_force_at.is_(None), dnc_versions.c.replaced_at.is_(None))
    query = select(dnc_versions.c.id, dnc_versions.c.key).where(*left, dnc_versions.c.begun_at < before)
    for row in list(await conn.execute(query)):
        await change(conn, row.id, replaced_at=now, key=f"{row.key} {row.id}")


async def remove_numbers(conn: Connection, before: datetime, limit: int) -> int:
    """Forget numbers of versions that are in force no more since before a moment; how many."""
    old = select(dnc_versions.c.id).where(dnc_versions.c.replaced_at < before)
    for version in (await conn.execute(old)).scalars():
        keys = select(dnc_numbers.c.number, dnc_numbers.c.kind).where(dnc_numbers.c.version == version)
        found = [(row.number, row.kind) for row in await conn.execute(keys.limit(limit))]
        for kind in DncKind:
            numbers = [number for number, of in found if of == kind]
            if numbers:
                of_kind = (dnc_numbers.c.version == version, dnc_numbers.c.kind == kind.value)
                await conn.execute(delete(dnc_numbers).where(*of_kind, dnc_numbers.c.number.in_(numbers)))
        if found:
            return len(found)
    return 0


async def remove_refusals(conn: Connection, before: datetime) -> None:
    """Forget the refused rows of versions that were begun before a moment."""
    old = select(dnc_versions.c.key).where(dnc_versions.c.begun_at < before)
    await conn.execute(delete(import_refusals).where(import_refusals.c.import_id.in_(old)))


def _version(row: Row[Any]) -> Version:
    values = {name: getattr(row, name) for name in Version.__struct_fields__}
    return msgspec.structs.replace(Version(**values), dated=date.fromisoformat(row.dated))
