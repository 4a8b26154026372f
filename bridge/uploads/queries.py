"""SQL of files that are sent to us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, func, insert, select, update

from bridge.imports.model import Plan
from bridge.store.connection import Connection
from bridge.store.schema import uploads
from bridge.uploads.model import OPEN, Upload, UploadState


async def add(conn: Connection, new: Upload) -> None:
    """A new row."""
    await conn.execute(insert(uploads).values(_values(msgspec.structs.asdict(new))))


async def get(conn: Connection, upload_id: str) -> Upload | None:
    """One of them."""
    row = (await conn.execute(select(uploads).where(uploads.c.id == upload_id))).first()
    return None if row is None else _upload(row)


async def page(conn: Connection, by: str, after: str, limit: int) -> list[Upload]:
    """The newest, from the one behind `after`; of one user, if one is named."""
    query = select(uploads).order_by(uploads.c.id.desc()).limit(limit)
    if after:
        query = query.where(uploads.c.id < after)
    found = await conn.execute(query.where(uploads.c.by == by) if by else query)
    return [_upload(row) for row in found]


async def open_of(conn: Connection, user: str) -> int:
    """How many files of a user are kept."""
    query = select(func.count()).where(uploads.c.by == user, uploads.c.state.in_(OPEN))
    return int((await conn.execute(query)).scalar_one())


async def running(conn: Connection, bridge: str) -> Upload | None:
    """What is to be taken in first."""
    query = select(uploads).where(uploads.c.bridge == bridge, uploads.c.state == UploadState.RUNNING)
    row = (await conn.execute(query.order_by(uploads.c.changed_at, uploads.c.id).limit(1))).first()
    return None if row is None else _upload(row)


async def change(
    conn: Connection, upload_id: str, was: Sequence[UploadState], now: datetime, **values: Any
) -> bool:
    """Write some columns; false if it is in another state than it was."""
    done = await conn.execute(
        update(uploads)
        .where(uploads.c.id == upload_id, uploads.c.state.in_(was))
        .values(_values(values) | {"changed_at": now})
    )
    return done.rowcount == 1


async def kept(conn: Connection, bridge: str) -> set[str]:
    """Those whose files a bridge has."""
    query = select(uploads.c.id).where(uploads.c.bridge == bridge, uploads.c.state.in_(OPEN))
    return set((await conn.execute(query)).scalars())


async def give_up(conn: Connection, bridge: str, before: datetime, now: datetime) -> None:
    """Let go of what a bridge has been sent and nobody has gone on with since a moment."""
    await conn.execute(
        update(uploads)
        .where(
            uploads.c.bridge == bridge,
            uploads.c.state.in_((UploadState.UPLOADING, UploadState.UPLOADED)),
            uploads.c.changed_at < before,
        )
        .values(state=UploadState.CANCELLED, why="nobody went on with it in time", changed_at=now)
    )


async def forget(conn: Connection, before: datetime) -> None:
    """Remove rows of what was over before a moment."""
    await conn.execute(delete(uploads).where(uploads.c.state.not_in(OPEN), uploads.c.changed_at < before))


def _values(values: dict[str, Any]) -> dict[str, Any]:
    if "plan" in values:
        values["plan"] = msgspec.to_builtins(values["plan"]) or {}
    if "titles" in values:
        values["titles"] = list(values["titles"])
    return values


def _upload(row: Row[Any]) -> Upload:
    values = {name: getattr(row, name) for name in Upload.__struct_fields__}
    values |= {"plan": msgspec.convert(row.plan, Plan) if row.plan else None, "titles": tuple(row.titles)}
    return Upload(**values | {"state": UploadState(row.state)})
