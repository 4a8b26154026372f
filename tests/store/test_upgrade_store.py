"""What an update would mean, on both databases; the command itself on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from bridge.cli import app
from bridge.store import migrations, upgrade
from bridge.store.database import Database, Transaction
from bridge.store.migrations import HEAD, revision_of
from bridge.store.upgrade import outlook
from bridge.store.url import parse

OLD = "0042"


@pytest.fixture
async def old_url(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store that an older version has left, with a callback in it."""
    await old_store(empty_url, monkeypatch)
    return empty_url


async def old_store(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(migrations, "HEAD", OLD)
        async with Database(url) as db:
            await db.write(add_callback)


async def add_callback(tx: Transaction) -> None:
    await tx.conn.execute(
        text("INSERT INTO callbacks (call_id, made_at) VALUES ('c', '2026-11-27T10:00:00+00:00')")
    )


async def test_what_is_pending_is_told_and_how_long_it_takes(old_url: str) -> None:
    url = parse(old_url)
    found = await asyncio.to_thread(outlook, url)
    assert (found.kind, found.revision, found.head) == (url.get_backend_name(), OLD, HEAD)
    assert found.steps[0].revision == "0043"
    assert found.rows["callbacks"] == 1
    assert found.bytes > 0
    assert found.seconds is not None
    assert await asyncio.to_thread(migrations.at_once, url, revision_of) == OLD


async def test_on_postgresql_the_rate_is_measured(
    postgres_empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await old_store(postgres_empty_url, monkeypatch)
    found = await asyncio.to_thread(outlook, parse(postgres_empty_url))
    assert found.how.startswith("callbacks: 1 rows, if each were written anew at the ")
    assert found.free is None


async def test_where_the_tables_are_empty_the_time_is_nothing(
    postgres_empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(migrations, "HEAD", OLD)
        async with Database(postgres_empty_url):
            pass
    found = await asyncio.to_thread(outlook, parse(postgres_empty_url))
    assert (found.seconds, found.how) == (0.0, upgrade.NO_ROWS)


async def test_a_new_store_has_nothing_pending(url: str) -> None:
    found = await asyncio.to_thread(outlook, parse(url))
    assert (found.revision, found.steps, found.seconds) == (HEAD, [], None)


async def revision(url: str) -> str | None:
    return await asyncio.to_thread(migrations.at_once, parse(url), revision_of)


async def run(url: str, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    monkeypatch.setenv("AGENT_BRIDGE_STORE__URL", url)
    result = await asyncio.to_thread(CliRunner().invoke, app, ["upgrade", *words])
    return result.exit_code, result.stdout, result.stderr


async def test_the_command_on_postgresql(postgres_empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await old_store(postgres_empty_url, monkeypatch)
    status, out, _ = await run(postgres_empty_url, monkeypatch, "--check")
    assert status == 0
    assert "to make one: pg_dump --format=custom --file=" in out
    assert "the server's disk is not seen from here" in out
    status, out, _ = await run(postgres_empty_url, monkeypatch)
    assert (status, f"the store is at revision {HEAD}" in out) == (0, True)
    assert await revision(postgres_empty_url) == HEAD


async def test_the_command_waits_for_no_bridge_on_postgresql(
    postgres_empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await old_store(postgres_empty_url, monkeypatch)
    db = Database(postgres_empty_url)
    await db.open(migrate=False)
    duties = db.duties("other")
    await duties.start()
    duty = duties.duty("housekeeping")
    duty.want()
    await asyncio.wait_for(duty.taken(), 10)
    status, _, err = await run(postgres_empty_url, monkeypatch)
    await duties.close()
    await db.close()
    assert (status, err) == (
        1,
        "error: 1 bridges are at work on the store: stop them first; nothing was changed\n",
    )
    assert await revision(postgres_empty_url) == OLD
