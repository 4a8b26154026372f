"""Bringing a database's schema up to date, inside the program: there is no step to forget.

Migrations only go forward. They run in one transaction under a lock, so that of several processes
started at once one does the work and the others find it done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import structlog
from sqlalchemy import URL, Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from bridge.store import views
from bridge.store.errors import StoreTooNew
from bridge.store.faults import mapped
from bridge.store.server import server_engine

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script, ScriptDirectory

T = TypeVar("T")

HEAD = "0051"
"""The newest revision: a database that is at it needs no look into the scripts."""
LOCK = 4_771_001
"""Key of the PostgreSQL advisory lock that one migrating process holds."""

_log = structlog.get_logger(__name__)


class Step(msgspec.Struct, frozen=True):
    """One migration."""

    revision: str
    does: str
    """A sentence."""


Told = Callable[[Step], object]
"""Is told of each migration when it has run; it holds when all of them have."""


async def migrate(url: URL) -> None:
    """Bring the database at `url` to `HEAD`.

    Raises:
        StoreTooNew: It is beyond that.
        StoreUnavailable: It cannot be reached.
    """
    with mapped():
        if url.get_backend_name() == "sqlite":
            await asyncio.to_thread(_on_file, url, bring_to_head)
        else:
            await _on_server(url, bring_to_head)


def at_once(url: URL, work: Callable[[Connection], T]) -> T:
    """Have a function run on a connection of its own, here, where no event loop runs: Ctrl-C ends it.

    Raises:
        StoreError: whatever the database says.
    """
    with mapped():
        if url.get_backend_name() == "sqlite":
            return _on_file(url, work)
        return asyncio.run(_on_server(url, work))


def _on_file(url: URL, work: Callable[[Connection], T]) -> T:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
    with engine.connect() as conn:
        return work(conn)


async def _on_server(url: URL, work: Callable[[Connection], T]) -> T:
    engine = server_engine(url, {}, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as conn:
            return await conn.run_sync(work)
    finally:
        await engine.dispose()


def bring_to_head(conn: Connection, told: Told = lambda _: None) -> None:
    """Run what has not run yet, in one transaction.

    Raises:
        StoreTooNew: it is beyond `HEAD`.
    """
    if revision_of(conn) == HEAD:
        return
    postgresql = conn.dialect.name == "postgresql"
    if not postgresql:
        conn.exec_driver_sql("PRAGMA busy_timeout=60000")
        conn.exec_driver_sql("PRAGMA journal_mode=WAL")
    conn.exec_driver_sql("BEGIN" if postgresql else "BEGIN IMMEDIATE")
    try:
        if postgresql:
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        _run(conn, told)
        conn.exec_driver_sql("COMMIT")
    except BaseException:
        conn.exec_driver_sql("ROLLBACK")
        raise


def revision_of(conn: Connection) -> str | None:
    """Where a database is; `None`: nothing has ever run on it."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def known_revisions() -> set[str]:
    """Those of which this program can bring a database to `HEAD`, with it."""
    return _known(_scripts()[1])


def pending(conn: Connection) -> list[Script]:
    """The migrations that have not run on a database, in their order.

    Raises:
        StoreTooNew: it is beyond `HEAD`.
    """
    scripts = _scripts()[1]
    before = _known_revision(conn, scripts)
    if before == HEAD:
        return []
    return list(reversed(list(scripts.iterate_revisions(HEAD, before or "base"))))


def step_of(script: Script) -> Step:
    """What a migration says of itself."""
    return Step(script.revision, " ".join(script.doc.split()))


def _known_revision(conn: Connection, scripts: ScriptDirectory) -> str | None:
    found = revision_of(conn)
    if found is not None and found not in _known(scripts):
        raise StoreTooNew(f"the database is at revision {found}, this program knows up to {HEAD}")
    return found


def _scripts() -> tuple[Config, ScriptDirectory]:
    from alembic.config import Config  # noqa: PLC0415  costs 0.2 s, and most starts do not need it
    from alembic.script import ScriptDirectory  # noqa: PLC0415  the same

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config, ScriptDirectory.from_config(config)


def _known(scripts: ScriptDirectory) -> set[str]:
    return {script.revision for script in scripts.walk_revisions()}


def _run(conn: Connection, told: Told) -> None:
    from alembic import command  # noqa: PLC0415  costs 0.2 s, and most starts do not need it

    config, scripts = _scripts()
    before = _known_revision(conn, scripts)
    if before == HEAD:  # another process was quicker
        return
    _log.info("bringing the database up to date", before=before or "empty", to=HEAD)
    config.attributes["connection"] = conn
    config.attributes["told"] = _teller(told)
    readers = views.drop(conn)
    command.upgrade(config, HEAD)
    if scripts.get_heads() == [HEAD]:  # of tables as they were once nobody makes views
        views.make(conn, readers)
    _log.info("the database is up to date", revision=HEAD)


def _teller(told: Told) -> Callable[..., None]:
    """What Alembic calls after each step."""

    def tell(*, step: Any, **_: object) -> None:
        told(step_of(step.up_revision))

    return tell
