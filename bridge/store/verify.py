"""Whether a file is a sound store of a bridge, and what it holds; it is never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from bridge.events.outbox import COUNTER
from bridge.store.backup import reading
from bridge.store.migrations import HEAD, known_revisions

MAGIC = b"SQLite format 3\0"
"""The first 16 bytes of every SQLite file (https://www.sqlite.org/fileformat.html)."""
SHOWN = 20
"""Faults of one kind that are told one by one."""

_FIRST_MISSING = (
    "SELECT min(seq) + 1 FROM events AS e WHERE NOT EXISTS (SELECT 1 FROM events WHERE seq = e.seq + 1)"
)
_NEWEST = "SELECT seq, time FROM events ORDER BY seq DESC LIMIT 1"
_NEWEST_DNC = "SELECT added_at FROM dnc WHERE added_at IS NOT NULL ORDER BY added_at DESC LIMIT 1"


class Copy(msgspec.Struct, kw_only=True):
    """What a file holds; `None`: it could not be told."""

    file: str
    bytes: int
    revision: str | None = None
    """Of the schema."""
    newest_event: int | None = None
    """The last number given in the event log."""
    newest_event_at: str | None = None
    """When, ISO 8601 in UTC; `None` too if the log is empty."""
    leads: int | None = None
    calls: int | None = None
    open_calls: int | None = None
    """Those without a disposition: some of them may not have been dialled."""
    dnc: int | None = None
    """Entries of the do-not-call lists that the site keeps itself."""
    newest_dnc_at: str | None = None
    """When the last of them was made."""
    faults: list[str] = []
    """A sentence each; none: the file is sound."""


def verify(path: Path) -> Copy:
    """Look through a file, all of it.

    Args:
        path: a backup, or a store, running or not.
    """
    found = Copy(file=str(path), bytes=0)
    try:
        found.faults += _no_database(path)
        if not found.faults:
            found.bytes = path.stat().st_size
            with closing(reading(path)) as conn:
                conn.execute("BEGIN")  # of a store that runs, all of it is of one moment
                _look(conn, found)
    except (OSError, sqlite3.Error) as error:
        found.faults.append(f"it cannot be read: {getattr(error, 'strerror', None) or error}")
    return found


def _no_database(path: Path) -> Iterator[str]:
    if not path.is_file():  # a pipe would be waited for
        yield "it is no file" if path.exists() else "there is no such file"
        return
    with path.open("rb") as file:
        head = file.read(100)
    if head[:16] != MAGIC or len(head) < 100:
        yield "it is no SQLite database"
        return
    size = int.from_bytes(head[16:18], "big")
    size = 65_536 if size == 1 else size
    length = int.from_bytes(head[28:32], "big") * size
    if path.stat().st_size < length and not path.with_name(f"{path.name}-wal").exists():
        yield f"it is cut off: {path.stat().st_size:,} of {length:,} bytes are there"


def _look(conn: sqlite3.Connection, found: Copy) -> None:
    rows = [str(row[0]) for row in conn.execute("PRAGMA integrity_check(20)")]
    if rows != ["ok"]:
        found.faults += (f"integrity: {row}" for row in rows)
    found.faults += _without_parent(conn)
    tables = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"alembic_version", "events", "counters", "calls", "leads", "dnc"} <= tables:
        found.faults.append("it is no store of a bridge: tables of one are missing")
        return
    _revision(conn, found)
    _events(conn, found)
    found.leads = _one(conn, "SELECT count(*) FROM leads")
    found.calls = _one(conn, "SELECT count(*) FROM calls")
    found.open_calls = _one(conn, "SELECT count(*) FROM calls WHERE disposed_at IS NULL")
    found.dnc = _one(conn, "SELECT count(*) FROM dnc")
    newest = conn.execute(_NEWEST_DNC).fetchone()
    found.newest_dnc_at = newest and newest[0]


def _without_parent(conn: sqlite3.Connection) -> Iterator[str]:
    for number, (table, row, parent, _) in enumerate(conn.execute("PRAGMA foreign_key_check")):
        if number == SHOWN:
            yield "foreign key: there are more"
            return
        yield f"foreign key: row {row} of {table} points to none of {parent}"


def _revision(conn: sqlite3.Connection, found: Copy) -> None:
    row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
    found.revision = row and str(row[0])
    if found.revision not in known_revisions():
        why = f"this program knows up to {HEAD}: a newer version has written it"
        found.faults.append(f"schema: it is at revision {found.revision or 'none'}, {why}")


def _events(conn: sqlite3.Connection, found: Copy) -> None:
    """The oldest are taken away in time: the log may begin anywhere, and must have each number from there."""
    counter = conn.execute("SELECT value FROM counters WHERE name = ?", (COUNTER,)).fetchone()
    oldest, newest, count = conn.execute("SELECT min(seq), max(seq), count(*) FROM events").fetchone()
    if counter is None:
        found.faults.append("event log: its counter is missing")
    elif count and counter[0] != newest:
        found.faults.append(f"event log: its counter is at {counter[0]}, its newest event is {newest}")
    if count and newest - oldest + 1 != count:
        missing = f"{newest - oldest + 1 - count} of the numbers {oldest} to {newest} are missing"
        found.faults.append(f"event log: {missing}, the first is {_one(conn, _FIRST_MISSING)}")
    found.newest_event = counter[0] if counter else newest
    found.newest_event_at = conn.execute(_NEWEST).fetchone()[1] if count else None
    if counter:
        ahead = conn.execute("SELECT sink, seq FROM sink_cursors WHERE seq > ?", counter)
        found.faults += (f"event log: sink {sink} is at {seq}, past its counter" for sink, seq in ahead)


def _one(conn: sqlite3.Connection, sql: str) -> int:
    value: int = conn.execute(sql).fetchone()[0]
    return value
