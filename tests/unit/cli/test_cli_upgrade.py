"""`agent-bridge upgrade`: what a person who updates a bridge sees, before and after."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import op
from sqlalchemy.exc import OperationalError

from bridge.admin.place import alone
from bridge.store import migrations, upgrade
from bridge.store.database import Database
from bridge.store.migrations import HEAD

Command = Callable[..., Any]
OLD = "0042"
LEADS = 500


@pytest.fixture
def old(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that an older version has left, with leads in it."""
    store.unlink()
    with monkeypatch.context() as before:
        before.setattr(migrations, "HEAD", OLD)
        asyncio.run(_make(store))
    with closing(sqlite3.connect(store)) as conn, conn:
        lead = "INSERT INTO leads (list_id, phone_number) VALUES (101, ?)"
        conn.executemany(lead, [(f"727555{number:04}",) for number in range(LEADS)])
    return store


async def _make(store: Path) -> None:
    async with Database(f"sqlite:///{store}"):
        pass


def revision(store: Path) -> str:
    with closing(sqlite3.connect(store)) as conn:
        found: str = conn.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return found


def beside(store: Path) -> set[str]:
    """Files that a command may have left."""
    return {path.name for path in store.parent.glob("bridge.db*")} - {
        "bridge.db.sock.lock",
        "bridge.db.serving",
    }


# -- check


def test_what_is_to_be_run_is_told_and_nothing_is_done(command: Command, old: Path) -> None:
    before = old.read_bytes()
    found = command("upgrade", "--check", "--json").json
    assert (found["kind"], found["revision"], found["head"]) == ("sqlite", OLD, HEAD)
    assert [step["revision"] for step in found["steps"]][:3] == ["0043", "0044", "0045"]
    assert (
        found["steps"][0]["does"] == "Callbacks by the time at which they are due, whatever their campaign."
    )
    assert found["steps"][-1]["revision"] == HEAD
    assert found["rows"]["leads"] == LEADS
    assert found["bytes"] == len(before)
    assert (old.read_bytes(), beside(old)) == (before, {"bridge.db"})


def test_the_time_is_measured_on_a_copy(command: Command, old: Path) -> None:
    del old
    found = command("upgrade", "--check", "--json").json
    assert found["how"] == upgrade.ON_A_COPY
    assert 0 < found["seconds"] < 60
    assert 0 < found["needed"] < found["free"]


def test_of_a_big_store_the_time_is_reckoned_from_the_rate_of_rows(
    command: Command, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows of the tables that the migrations name: of leads nothing, of callbacks one."""
    monkeypatch.setattr(upgrade, "REHEARSED", 0)
    with closing(sqlite3.connect(old)) as conn, conn:
        conn.execute("INSERT INTO callbacks (call_id, made_at) VALUES ('c', '2026-11-27T10:00:00+00:00')")
    found = command("upgrade", "--check", "--json").json
    assert found["how"].startswith("callbacks: 1 rows, if each were written anew at the ")
    assert found["seconds"] > 0
    assert found["needed"] == found["bytes"]
    assert beside(old) == {"bridge.db"}


def test_a_person_reads_it_in_lines(command: Command, old: Path) -> None:
    answer = command("upgrade", "--check")
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == f"store      sqlite, {old.stat().st_size:,} bytes, at revision {OLD}"
    assert f"leads {LEADS}" in lines[1]
    assert "  0043  Callbacks by the time at which they are due, whatever their campaign." in lines
    assert any(line.startswith("time ") and upgrade.ON_A_COPY in line for line in lines)
    assert f"none of before {HEAD}; to make one: agent-bridge backup {old}.before-{HEAD}" in answer.out


def test_the_copy_that_is_named_is_found_again(command: Command, old: Path) -> None:
    words = command("upgrade", "--check", "--json").json["backup"].split()
    assert words[:2] == ["agent-bridge", "backup"]
    assert command(*words[1:]).status == 0
    assert command("upgrade", "--check", "--json").json["copy"].startswith("20")
    assert "backup  made 20" in command("upgrade", "--check").out
    assert revision(old) == OLD


def test_it_may_be_asked_while_a_bridge_serves(command: Command, old: Path) -> None:
    with (
        alone(old.with_name("bridge.db.sock")),
        closing(sqlite3.connect(old, isolation_level=None)) as bridge,
    ):
        bridge.execute("PRAGMA journal_mode=WAL")
        bridge.execute("INSERT INTO leads (list_id) VALUES (101)")
        found = command("upgrade", "--check", "--json").json
    assert found["rows"]["leads"] == LEADS + 1


def test_a_store_that_is_up_to_date_needs_nothing(command: Command, store: Path) -> None:
    answer = command("upgrade", "--check")
    assert "to be run  nothing: the store is up to date" in answer.out
    assert "time" not in answer.out
    assert beside(store) == {"bridge.db"}
    assert command("upgrade").out == f"the store is up to date: revision {HEAD}\n"


@pytest.mark.parametrize("words", [("upgrade", "--check"), ("upgrade",)])
def test_a_store_of_a_newer_version_is_refused(command: Command, store: Path, words: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(store)) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    answer = command(*words)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == f"error: the database is at revision 9999, this program knows up to {HEAD}\n"
    assert revision(store) == "9999"


@pytest.mark.parametrize("words", [("upgrade", "--check"), ("upgrade",)])
def test_a_store_that_is_not_there_is_not_made(command: Command, store: Path, words: tuple[str, ...]) -> None:
    store.unlink()
    answer = command(*words)
    assert (answer.status, answer.err) == (
        1,
        f"error: there is no store at {store}: the service makes one when it starts\n",
    )
    assert not store.exists()


# -- upgrade


def test_all_of_it_is_run_with_a_line_for_each(command: Command, old: Path) -> None:
    answer = command("upgrade")
    assert answer.status == 0
    total = len(answer.err.splitlines())
    assert answer.err.startswith(f"1/{total}  0043  Callbacks by the time")
    assert f"{total}/{total}  {HEAD}  " in answer.err
    assert answer.out.startswith(f"the store is at revision {HEAD} ({total} migrations, ")
    assert revision(old) == HEAD
    assert command("verify", str(old)).status == 0


def test_a_program_reads_what_was_done(command: Command, old: Path) -> None:
    del old
    answer = command("upgrade", "--json")
    assert answer.err == ""
    assert (answer.json["before"], answer.json["revision"]) == (OLD, HEAD)
    assert answer.json["steps"][0]["revision"] == "0043"
    assert command("upgrade", "--json").json["steps"] == []


@pytest.fixture
def at_work(old: Path) -> Iterator[None]:
    with alone(old.with_name("bridge.db.sock")):
        yield


@pytest.mark.usefixtures("at_work")
def test_while_a_bridge_serves_it_is_refused(command: Command, old: Path) -> None:
    answer = command("upgrade")
    assert answer.status == 1
    assert answer.err == "error: a bridge, or a command, is at work on the store: stop the bridge first\n"
    assert revision(old) == OLD


@pytest.mark.parametrize(
    "error", [OperationalError("", {}, sqlite3.OperationalError("disk I/O error")), KeyboardInterrupt()]
)
def test_what_fails_half_way_leaves_the_store_as_it_was(
    command: Command, old: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(op, "create_index", fail)
    answer = command("upgrade")
    assert answer.status == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert answer.err.endswith(f"nothing was changed: the store stands at revision {OLD}, as before\n")
    monkeypatch.undo()
    assert revision(old) == OLD
