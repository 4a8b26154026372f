"""Bringing a database's schema up to date, inside the program: there is no step to forget.

Migrations only go forward. They run in one transaction under a lock, so that of several processes
started at once one does the work and the others find it done.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import URL, Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from bridge.store import views
from bridge.store.errors import StoreTooNew
from bridge.store.faults import mapped
from bridge.store.server import server_engine

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

HEAD = "0049"
"""The newest revision: a database that is at it needs no look into the scripts."""
LOCK = 4_771_001
"""Key of the PostgreSQL advisory lock that one migrating process holds."""

_log = structlog.get_logger(__name__)


async def migrate(url: URL) -> None:
    """Bring the database at `url` to `HEAD`.

    Raises:
        StoreTooNew: It is beyond that.
        StoreUnavailable: It cannot be reached.
    """
    with mapped():
        if url.get_backend_name() == "sqlite":
            await asyncio.to_thread(_migrate_file, url)
        else:
            await _migrate_server(url)


def _migrate_file(url: URL) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
    with engine.connect() as conn:
        _bring_to_head(conn)


async def _migrate_server(url: URL) -> None:
    engine = server_engine(url, {}, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as conn:
            await conn.run_sync(_bring_to_head)
    finally:
        await engine.dispose()


def _bring_to_head(conn: Connection) -> None:
    if _revision(conn) == HEAD:
        return
    postgresql = conn.dialect.name == "postgresql"
    if not postgresql:
        conn.exec_driver_sql("PRAGMA busy_timeout=60000")
        conn.exec_driver_sql("PRAGMA journal_mode=WAL")
    conn.exec_driver_sql("BEGIN" if postgresql else "BEGIN IMMEDIATE")
    try:
        if postgresql:
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        _run(conn)
        conn.exec_driver_sql("COMMIT")
    except BaseException:
        conn.exec_driver_sql("ROLLBACK")
        raise


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def known_revisions() -> set[str]:
    """Those of which this program can bring a database to `HEAD`, with it."""
    return _known(_scripts()[1])


def _scripts() -> tuple[Config, ScriptDirectory]:
    from alembic.config import Config  # noqa: PLC0415  costs 0.2 s, and most starts do not need it
    from alembic.script import ScriptDirectory  # noqa: PLC0415  the same

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config, ScriptDirectory.from_config(config)


def _known(scripts: ScriptDirectory) -> set[str]:
    return {script.revision for script in scripts.walk_revisions()}


def _run(conn: Connection) -> None:
    from alembic import command  # noqa: PLC0415  costs 0.2 s, and most starts do not need it

    config, scripts = _scripts()
    before = _revision(conn)
    known = _known(scripts)
    if before is not None and before not in known:
        raise StoreTooNew(f"the database is at revision {before}, this program knows up to {HEAD}")
    if before == HEAD:  # another process was quicker
        return
    _log.info("bringing the database up to date", before=before or "empty", to=HEAD)
    config.attributes["connection"] = conn
    readers = views.drop(conn)
    command.upgrade(config, HEAD)
    if scripts.get_heads() == [HEAD]:  # of tables as they were once nobody makes views
        views.make(conn, readers)
    _log.info("the database is up to date", revision=HEAD)
