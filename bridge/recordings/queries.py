"""The SQL of recordings."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, select

from bridge.recordings.model import Recording
from bridge.services import RecordingQuery
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row, overwrite, to_row
from bridge.store.schema import recordings

_COLUMNS = tuple(name for name in Recording.__struct_fields__ if name != "id")
_INSERT = Prepared(insert(recordings).returning(recordings.c.id), _COLUMNS)
_RUNNING = select(recordings).where(recordings.c.ended_at.is_(None))
_IN_ROOM = _RUNNING.where(
    recordings.c.asterisk == bindparam("on_asterisk"), recordings.c.room == bindparam("in_room")
)
_RUNNING_IN_ROOM = Prepared(_IN_ROOM)
_RUNNING_IN_ROOM_LOCKED = Prepared(_IN_ROOM.with_for_update())
_RUNNING_NAMED = Prepared(_RUNNING.where(recordings.c.filename == bindparam("name")).with_for_update())
_NAMED = Prepared(select(recordings.c.id).where(recordings.c.filename == bindparam("name")))
_BY_ID = Prepared(select(recordings).where(recordings.c.id == bindparam("recording_id")))


async def add(conn: Connection, recording: Recording) -> int:
    """Insert a recording; its id."""
    row = to_row(recording)
    del row["id"]
    return int((await conn.execute(_INSERT, row)).scalar_one())


async def save(conn: Connection, recording: Recording, known: Recording) -> None:
    """Write what is different from what was read in this transaction."""
    await overwrite(conn, recordings, recording, known)


async def is_taken(conn: Connection, filename: str) -> bool:
    """Whether a recording has this name."""
    return (await conn.execute(_NAMED, {"name": filename})).first() is not None


async def find(conn: Connection, recording_id: int) -> Recording | None:
    """One recording."""
    row = (await conn.execute(_BY_ID, {"recording_id": recording_id})).first()
    return None if row is None else from_row(Recording, row)


async def running(conn: Connection, asterisk: str, room: str) -> Recording | None:
    """What is being recorded in a room."""
    row = (await conn.execute(_RUNNING_IN_ROOM, {"on_asterisk": asterisk, "in_room": room})).first()
    return None if row is None else from_row(Recording, row)


async def running_locked(conn: Connection, asterisk: str, room: str) -> Recording | None:
    """The same, kept from other writers until the transaction ends."""
    row = (await conn.execute(_RUNNING_IN_ROOM_LOCKED, {"on_asterisk": asterisk, "in_room": room})).first()
    return None if row is None else from_row(Recording, row)


async def running_named_locked(conn: Connection, filename: str) -> Recording | None:
    """The running recording with this name, kept from other writers."""
    row = (await conn.execute(_RUNNING_NAMED, {"name": filename})).first()
    return None if row is None else from_row(Recording, row)


async def all_running(conn: Connection, asterisk: str) -> Sequence[Recording]:
    """Everything that is being recorded on one Asterisk."""
    rows = (await conn.execute(_RUNNING.where(recordings.c.asterisk == asterisk))).all()
    return [from_row(Recording, row) for row in rows]


async def recent(conn: Connection, wanted: RecordingQuery) -> Sequence[Recording]:
    """Recordings, newest first."""
    query = select(recordings).order_by(recordings.c.id.desc()).limit(wanted.limit)
    if wanted.before:
        query = query.where(recordings.c.id < wanted.before)
    for name in ("call_id", "user", "lead_id"):
        if value := getattr(wanted, name):
            query = query.where(recordings.c[name] == value)
    if wanted.since is not None:
        query = query.where(recordings.c.started_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(recordings.c.started_at < wanted.until)
    query = query.where(*wanted.sight.conditions(recordings))
    return [from_row(Recording, row) for row in (await conn.execute(query)).all()]
