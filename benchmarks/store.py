"""Look-ups and transactions on SQLite: ours, SQLAlchemy with aiosqlite, and the bare driver.

The same statements on the same file, in turn: finding an agent's open session, and the transaction of a
step of a call (a row found, a row overwritten, synced to disk). `µs` is the time that one takes with
nothing else to do, `CPU` the processor's share of it; medians over the rounds. `bare` is Python's sqlite3
on the event loop's own thread with the SQL text at hand: nothing can be quicker, and it would hold up
everybody else during a commit.

Usage: `store.py [--rounds 9] [--folder DIR]`. The folder must be on a disk to mean anything.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import uvloop
from _bridge import ROOT
from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bridge.agents import queries
from bridge.agents.model import AgentSession, AgentState
from bridge.store.database import Database, Transaction
from bridge.store.rows import from_row, to_row
from bridge.store.schema import agent_sessions as sessions

Ask = Callable[[], Awaitable[object]]

LOOKUPS = 1000
TRANSACTIONS = 100
OPEN = select(sessions).where(sessions.c.logged_out_at.is_(None), sessions.c.user == bindparam("name"))
SAVE = update(sessions).where(sessions.c.id == bindparam("session"))
BARE_OPEN = 'SELECT * FROM agent_sessions WHERE logged_out_at IS NULL AND "user" = ?'
BARE_SAVE = "UPDATE agent_sessions SET state = ?, version = ? WHERE id = ?"
SESSION = AgentSession(
    id="s",
    user="1000",
    phone="1000",
    campaign="C",
    asterisk="main",
    room="8600051",
    state=AgentState.PAUSED,
    state_since=datetime(2026, 1, 1, tzinfo=UTC),
)


def ours(db: Database) -> tuple[Ask, Ask]:
    """As the bridge does it."""

    async def find() -> AgentSession | None:
        async with db.read() as conn:
            return await queries.of_user(conn, "1000")

    async def work(tx: Transaction) -> None:
        found = await queries.of_user_locked(tx.conn, "1000")
        assert found is not None
        await queries.save(tx.conn, msgspec.structs.replace(found, version=found.version + 1))

    return find, lambda: db.write(work)


def sqlalchemy_with_aiosqlite(reader: AsyncConnection, writer: AsyncConnection) -> tuple[Ask, Ask]:
    """With the connections at hand, and statements that are built once."""
    row = to_row(SESSION)
    row["session"] = row.pop("id")

    async def find() -> AgentSession | None:
        found = (await reader.execute(OPEN, {"name": "1000"})).first()
        return None if found is None else from_row(AgentSession, found)

    async def step() -> None:
        await writer.exec_driver_sql("BEGIN IMMEDIATE")
        found = from_row(AgentSession, (await writer.execute(OPEN, {"name": "1000"})).one())
        await writer.execute(SAVE, row | {"version": found.version + 1})
        await writer.exec_driver_sql("COMMIT")

    return find, step


def bare(conn: sqlite3.Connection) -> tuple[Ask, Ask]:
    """The driver alone."""

    async def find() -> object:
        return conn.execute(BARE_OPEN, ("1000",)).fetchall()

    async def step() -> None:
        conn.execute("BEGIN IMMEDIATE")
        version = conn.execute(BARE_OPEN, ("1000",)).fetchone()[-1]
        conn.execute(BARE_SAVE, ("paused", version + 1, "s"))
        conn.execute("COMMIT")

    return find, step


async def cost(ask: Ask, times: int) -> tuple[float, float]:
    """Microseconds that one takes, by the clock and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    for _ in range(times):
        await ask()
    return (time.perf_counter() - began) / times * 1e6, (time.process_time() - used) / times * 1e6


async def run(path: Path, rounds: int) -> dict[str, list[list[tuple[float, float]]]]:
    """Measure the peers in turn."""
    async with Database(f"sqlite:///{path}") as db:
        await db.write(lambda tx: queries.add(tx.conn, SESSION))
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}", isolation_level="AUTOCOMMIT")
        plain = sqlite3.connect(path, isolation_level=None)
        plain.execute("PRAGMA synchronous=FULL")
        async with engine.connect() as reader, engine.connect() as writer:
            await writer.exec_driver_sql("PRAGMA synchronous=FULL")
            peers = {
                "ours": ours(db),
                "SQLAlchemy, aiosqlite": sqlalchemy_with_aiosqlite(reader, writer),
                "bare": bare(plain),
            }
            measured: dict[str, list[list[tuple[float, float]]]] = {name: [[], []] for name in peers}
            for number in range(rounds + 1):
                for name, (find, step) in peers.items():
                    found = [await cost(find, LOOKUPS), await cost(step, TRANSACTIONS)]
                    if number:  # the first round warms up
                        for kept, each in zip(measured[name], found, strict=True):
                            kept.append(each)
        plain.close()
        await engine.dispose()
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where the file is put")
    asked = parser.parse_args()
    asked.folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.folder) as folder:
        measured = uvloop.run(run(Path(folder) / "bridge.db", asked.rounds))
    print(f"{'':24}{'look-up':>20}{'transaction':>24}")
    print(f"{'':24}{'µs':>8}{'CPU':>6}{'x bare':>8}{'µs':>10}{'CPU':>6}{'x bare':>8}")
    medians = {
        name: [[statistics.median(values) for values in zip(*each, strict=True)] for each in both]
        for name, both in measured.items()
    }
    for name, both in medians.items():
        line = f"{name:24}"
        for (wall, cpu), (least, _) in zip(both, medians["bare"], strict=True):
            line += f"{wall:8.0f}{cpu:6.0f}{wall / least:8.1f}  "
        print(line)


if __name__ == "__main__":
    main()
