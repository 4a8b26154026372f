"""The migrations lead to the schema that the code has, and to nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from bridge.store import migrations
from bridge.store.database import Database
from bridge.store.errors import StoreError
from bridge.store.schema import metadata
from bridge.store.url import parse

T = TypeVar("T")


def differences(conn: Connection) -> list[object]:
    """What Alembic finds, and the checks, at which it does not look."""
    defaults = conn.dialect.name != "sqlite"  # there it takes every empty text for a difference
    context = MigrationContext.configure(
        conn, opts={"compare_type": True, "compare_server_default": defaults}
    )
    found: list[object] = list(compare_metadata(context, metadata))
    for table in metadata.tables.values():
        wanted = {str(rule.name) for rule in table.constraints if isinstance(rule, CheckConstraint)}
        there = {str(rule["name"]) for rule in inspect(conn).get_check_constraints(table.name)}
        found += sorted(wanted ^ there)
    return found


def statements(conn: Connection) -> dict[str, list[str]]:
    """Name of a table → its columns as SQLite was told of them."""
    found = conn.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql <> ''"))
    return {row.name: sorted(parts(row.sql)) for row in found if row.name in metadata.tables}


def parts(sql: str) -> list[str]:
    """The columns and rules of a CREATE TABLE: what stands between commas outside of inner brackets."""
    inside, depth, found = sql[sql.index("(") + 1 : sql.rindex(")")], 0, [""]
    for sign in inside:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return [" ".join(part.split()) for part in found]


async def test_migrations_and_schema_say_the_same_to_sqlite(sqlite_empty_url: str) -> None:
    """Defaults and checks too, word by word."""
    plain = create_engine("sqlite://")
    with plain.connect() as conn:
        metadata.create_all(conn)
        wanted = statements(conn)
    plain.dispose()
    async with Database(sqlite_empty_url) as db, db.read() as there:
        assert await there.run_sync(statements) == wanted


async def beside(url: str, work: Callable[[Connection], T]) -> T:
    """Work on a connection past the store, in a transaction."""
    if url.startswith("sqlite"):
        engine = create_engine(parse(url))
        with engine.begin() as conn:
            return work(conn)
    there = create_async_engine(parse(url))
    try:
        async with there.begin() as conn:
            return await conn.run_sync(work)
    finally:
        await there.dispose()


def run(*statements: str) -> Callable[[Connection], None]:
    def work(conn: Connection) -> None:
        for statement in statements:
            conn.execute(text(statement))

    return work


async def test_migrations_and_schema_agree(empty_url: str) -> None:
    async with Database(empty_url):
        assert await beside(empty_url, differences) == []


async def test_a_difference_would_be_seen(empty_url: str) -> None:
    async with Database(empty_url):
        change = run("ALTER TABLE phones ADD COLUMN extra TEXT", "DROP INDEX uq_agent_sessions_open_room")
        await beside(empty_url, change)
        assert len(await beside(empty_url, differences)) == 2


def test_the_newest_script_is_the_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


async def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_url: str) -> None:
    # In the way of the first migration, half way through.
    await beside(empty_url, run("CREATE TABLE leads (id INTEGER)"))
    with pytest.raises(StoreError):
        await Database(empty_url).open()
    assert await beside(empty_url, lambda conn: inspect(conn).get_table_names()) == ["leads"]
    await beside(empty_url, run("DROP TABLE leads"))
    async with Database(empty_url) as db, db.read() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM leads"))).scalar() == 0


async def test_without_migrating_nothing_is_made(empty_url: str) -> None:
    db = Database(empty_url)
    await db.open(migrate=False)
    async with db.read() as conn:
        assert await conn.run_sync(lambda sync: inspect(sync).get_table_names()) == []
    await db.close()


async def test_who_may_change_users_keeps_those_of_her_own_level(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = """INSERT INTO users ("user", rights) VALUES ('crm', '{"modify_users": 1}'), ('web', '{}')"""
    with monkeypatch.context() as before:
        before.setattr(migrations, "HEAD", "0030")
        async with Database(empty_url):
            await beside(empty_url, run(users))
    async with Database(empty_url) as db, db.read() as conn:
        found = (await conn.execute(text('SELECT "user", rights, line_settings FROM users'))).all()
    assert sorted(tuple(row) for row in found) == [
        ("crm", '{"modify_same_user_level":1,"modify_users":1}', "{}"),
        ("web", "{}", "{}"),
    ]
