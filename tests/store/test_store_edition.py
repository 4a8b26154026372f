"""Whether what was read of a table may have changed, as those who remember it are told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from bridge.store.database import Database, Transaction
from bridge.store.schema import user_groups, users

TABLES = ("users", "user_groups")


@pytest.fixture
async def db(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'bridge.db'}")
    await database.open()
    return database


async def put_group(db: Database, name: str) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(user_groups).values(name=name))

    await db.write(work)


async def test_a_row_that_is_written_changed_or_removed_makes_another_edition(db: Database) -> None:
    async with db:
        seen = {db.edition(*TABLES)}
        await put_group(db, "SALES")
        seen.add(db.edition(*TABLES))
        for statement in (update(user_groups).values(name="OTHERS"), delete(user_groups)):

            async def work(tx: Transaction, statement: object = statement) -> None:
                await tx.conn.execute(statement)  # type: ignore[arg-type]

            await db.write(work)
            seen.add(db.edition(*TABLES))
    assert len(seen) == 4
    assert None not in seen


async def test_what_is_written_elsewhere_makes_none(db: Database) -> None:
    async with db:
        await put_group(db, "SALES")
        before = db.edition("manual_dials")
        await put_group(db, "OTHERS")
        assert db.edition("manual_dials") == before


async def test_a_work_that_fails_may_make_one(db: Database) -> None:
    """Nobody has to know whether it was undone: to read once more is no harm."""
    async with db:
        await put_group(db, "SALES")
        before = db.edition(*TABLES)

        async def work(tx: Transaction) -> None:
            await tx.conn.execute(delete(users))
            await tx.conn.execute(insert(user_groups).values(name="OTHERS"))
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await db.write(work)
        assert db.edition(*TABLES) != before
        await put_group(db, "OTHERS")
        assert db.edition(*TABLES) not in (before, None)


async def test_nobody_can_tell_while_a_row_is_just_being_written(db: Database) -> None:
    """It may be on the disk, where others see it, before the writer has heard of that."""
    async with db:
        seen: list[int | None] = []

        async def work(tx: Transaction) -> None:
            await tx.conn.execute(insert(user_groups).values(name="SALES"))
            seen.extend((db.edition(*TABLES), db.edition("manual_dials")))

        await db.write(work)
        assert seen[0] is None
        assert seen[1] is not None
        assert db.edition(*TABLES) is not None


async def test_the_file_itself_has_no_trigger(db: Database, tmp_path: Path) -> None:
    """They are of the writer's connection alone: whoever else opens the file does not need its function."""
    async with db:
        await put_group(db, "SALES")
        with sqlite3.connect(tmp_path / "bridge.db") as other:
            found = other.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%bridge_touched%'"
            ).fetchall()
    assert found == []


def test_a_closed_store_has_none(tmp_path: Path) -> None:
    assert Database(f"sqlite:///{tmp_path / 'bridge.db'}").edition(*TABLES) is None


def test_with_other_writers_there_is_none() -> None:
    assert Database("postgresql://user:secret@127.0.0.1/none").edition(*TABLES) is None
