"""What bringing a store up to date would mean, found out without touching it.

A small SQLite store is copied and the migrations are run on the copy: what they took is measured. A big one,
or one on PostgreSQL, is not: how fast rows are written here is measured, and how many there are to be written
at most is counted.
"""

from __future__ import annotations

import inspect as sources
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import sqlalchemy
from sqlalchemy import URL, Connection, create_engine, func, inspect, select, text
from sqlalchemy.pool import NullPool

from bridge.store.backup import beside, copy_into, part_of, reading, said
from bridge.store.errors import StoreMisconfigured
from bridge.store.faults import mapped
from bridge.store.migrations import HEAD, Step, at_once, bring_to_head, pending, revision_of, step_of
from bridge.store.schema import metadata

if TYPE_CHECKING:
    from alembic.script import Script

REHEARSED: Final = 2 * 1024**3
"""Bytes of an SQLite store up to which the migrations are tried on a copy of it."""
SAMPLE: Final = 200_000
"""Rows that are written to measure how fast that goes."""
BIG: Final = 6
"""Tables whose rows are told, the biggest first."""

ON_A_COPY: Final = "measured: they were run on a copy of the store just now"
BY_RATE: Final = (
    "{tables}: {rows:,} rows, if each were written anew at the {rate:,.0f} a second measured just now"
)
"""An upper bound: most migrations write no row anew."""
NO_ROWS: Final = "they are about tables that hold nothing yet"

Progress = Callable[[int], object]


class Outlook(msgspec.Struct, kw_only=True):
    """What stands between a store and this program."""

    kind: str
    """`sqlite` or `postgresql`."""
    revision: str | None
    """Where it is; `None`: nothing has ever been in it."""
    head: str = HEAD
    """Where this program wants it."""
    steps: list[Step] = []
    """What is to be run, in its order."""
    bytes: int
    rows: dict[str, int] = {}
    """Of the biggest tables."""
    seconds: float | None = None
    """How long the migrations take; `None`: there are none."""
    how: str = ""
    """How that is known."""
    needed: int = 0
    """Bytes that they need beside what the store takes now; of SQLite at its own place."""
    free: int | None = None
    """Bytes free at that place; `None`: it is the server's."""


def outlook(url: URL, progress: Progress = lambda _: None) -> Outlook:
    """Look at a store, which may be running; not within an event loop.

    Args:
        url: the store, parsed.
        progress: is told how many pages more are copied, where a copy is made.

    Raises:
        StoreTooNew: it was written by a newer version.
        StoreMisconfigured: there is none.
        StoreError: it cannot be read.
    """
    if url.get_backend_name() == "postgresql":
        return at_once(url, _of_server)
    path = Path(url.database or "")
    if not path.is_file():
        raise StoreMisconfigured(f"there is no store at {path}: the service makes one when it starts")
    with said(path), mapped():
        return _of_file(path, progress)


def _of_server(conn: Connection) -> Outlook:
    scripts = pending(conn)
    size = int(conn.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    found = Outlook(kind="postgresql", revision=revision_of(conn), bytes=size)
    _count(found, conn, scripts)
    return found


def _of_file(path: Path, progress: Progress) -> Outlook:
    size = path.stat().st_size + _size(beside(path, "-wal"))
    free = shutil.disk_usage(path.parent).free
    engine = create_engine(
        "sqlite://", creator=partial(reading, path), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as conn:
        scripts = pending(conn)
        found = Outlook(kind="sqlite", revision=revision_of(conn), bytes=size, free=free)
        small = size <= REHEARSED and free > 3 * size
        _count(found, conn, scripts, measured=not small)
    if scripts and small:
        _rehearse(found, path, progress)
    return found


def _count(found: Outlook, conn: Connection, scripts: Sequence[Script], *, measured: bool = True) -> None:
    """Steps and rows; with `measured` the time by the rate at which rows are written."""
    found.steps = [step_of(script) for script in scripts]
    rows = _rows(conn)
    found.rows = dict(sorted(rows.items(), key=lambda one: -one[1])[:BIG])
    if scripts and measured:
        _estimate(found, conn, {name: rows[name] for name in _named(scripts) if rows.get(name)})


def _rows(conn: Connection) -> dict[str, int]:
    there = set(inspect(conn).get_table_names())
    names = [name for name in metadata.tables if name in there]
    count = select(func.count())
    return {name: conn.execute(count.select_from(sqlalchemy.table(name))).scalar_one() for name in names}


def _named(scripts: Iterable[Script]) -> set[str]:
    """The tables that the migrations speak of."""
    words = {word for script in scripts for word in re.findall(r'"(\w+)"', sources.getsource(script.module))}
    return words & metadata.tables.keys()


def _estimate(found: Outlook, conn: Connection, rows: dict[str, int]) -> None:
    found.seconds, found.how = 0.0, NO_ROWS
    found.needed = found.bytes  # no migration writes more than all of it
    if not rows:
        return
    total, biggest = sum(rows.values()), max(rows, key=lambda name: rows[name])
    rate = _rate(conn, biggest, min(rows[biggest], SAMPLE))
    found.seconds = total / rate
    found.how = BY_RATE.format(tables=", ".join(sorted(rows)), rows=total, rate=rate)


def _rate(conn: Connection, table: str, rows: int) -> float:
    """Rows a second that are read out of a table and written into one that nobody else sees."""
    began = time.monotonic()
    conn.exec_driver_sql(f"CREATE TEMPORARY TABLE rate_of_upgrade AS SELECT * FROM {table} LIMIT {rows:d}")  # noqa: S608  ours
    seconds = time.monotonic() - began
    conn.exec_driver_sql("DROP TABLE rate_of_upgrade")
    return rows / max(seconds, 1e-6)


def _rehearse(found: Outlook, path: Path, progress: Progress) -> None:
    """Run them on a copy beside the store, on the same disk; nothing of it stays."""
    with part_of(beside(path, ".rehearsal")) as (part, file):
        with closing(reading(path)) as conn:
            copy_into(conn, part, file, progress)
        os.fsync(file)
        before = part.stat().st_size
        found.seconds, most = _run_on(part)
        found.how, found.needed = ON_A_COPY, max(0, most - before)


def _run_on(part: Path) -> tuple[float, int]:
    """What it takes to migrate a file: seconds, and the bytes that it and its log have at most."""
    engine = create_engine(f"sqlite:///{part}", poolclass=NullPool, isolation_level="AUTOCOMMIT")
    began = time.monotonic()
    with engine.connect() as conn:
        bring_to_head(conn)
        seconds = time.monotonic() - began
        log = _size(beside(part, "-wal"))
    return seconds, part.stat().st_size + log


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
