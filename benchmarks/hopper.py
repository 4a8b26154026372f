"""What a pull from the hopper costs, by the number of leads: SQLite and PostgreSQL.

Two campaigns: `full hopper` has a tenth of the leads in its hopper, `from lists` an empty one and all the
others in its list, a third of them with a status that may be dialled. In turn, each in one transaction as the
dialler does it: the next 20 rows of the one are pulled; for the other 20 leads are filled in and pulled. What
was pulled is then taken away, as a call does. Milliseconds of a transaction, synced to disk, at the median.

Usage: `hopper.py [--sizes 10000,1000000] [--rounds 100] [--stores sqlite,postgresql] [--folder DIR]`. The
folder must be on a disk to mean anything; ten million leads take some minutes and 10 GB for each store.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg
import structlog
from _bridge import ROOT
from rich.progress import Progress
from sqlalchemy import bindparam, update

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.dialer.hopper import Hopper
from bridge.dialer.model import HopperRow
from bridge.leads.model import LeadList
from bridge.store.database import Database, Transaction
from bridge.store.schema import leads

sys.path.insert(0, str(ROOT / "tests/store"))
from store_fixtures import Cluster, _programs

COUNT = 20
"""Rows of one pull: as many as the dialler takes at a time."""
CHUNK = 100_000
"""Leads that one statement makes."""
AIM = 1.5
"""Times the cost with the fewest leads, at most."""
WARM_UP = 10
STATUSES = ("NEW",)

LEADS = """
INSERT INTO leads (list_id, status, phone_number, "rank", called_since_last_reset)
SELECT CASE WHEN n % 10 = 0 THEN 101 ELSE 102 END,
       CASE n % 3 WHEN 0 THEN 'NEW' WHEN 1 THEN 'NA' ELSE 'SALE' END,
       CAST(7275550000 + n AS text), n * 7919 % 100, 'N'
"""
SQLITE_SERIES = "WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last})"
HOPPER = """
INSERT INTO hopper (lead_id, campaign, list_id, priority, created_at)
SELECT id, 'FULL', 101, id * 7919 % 99, '2026-01-01T00:00:00.000000+00:00' FROM leads WHERE list_id = 101
"""
CALLED = (
    update(leads)
    .where(leads.c.id == bindparam("of_lead"))
    .values(status="NA", called_since_last_reset="Y", called_count=leads.c.called_count + 1)
)


async def fill_sqlite(path: Path, chunks: Iterable[tuple[int, int]]) -> AsyncIterator[int]:
    """Make the leads; the last one after each chunk."""
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA synchronous = OFF")
        for first, last in chunks:
            with conn:
                conn.execute(SQLITE_SERIES.format(first=first, last=last) + LEADS + "FROM s")
            yield last
        with conn:
            conn.execute(HOPPER)
        conn.execute("ANALYZE")


async def fill_postgresql(url: str, chunks: Iterable[tuple[int, int]]) -> AsyncIterator[int]:
    """The same on a server."""
    conn = await asyncpg.connect(url)
    try:
        for first, last in chunks:
            await conn.execute(f"{LEADS} FROM generate_series({first}, {last}) AS n")
            yield last
        await conn.execute(HOPPER)
        await conn.execute("VACUUM ANALYZE")
    finally:
        await conn.close()


@asynccontextmanager
async def store(kind: str, folder: Path) -> AsyncIterator[str]:
    """The URL of an empty store."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/bridge.db"
        return
    programs = _programs()
    if programs is None:
        raise SystemExit("PostgreSQL's programs are not on this machine: --stores sqlite")
    data = folder / "postgresql"
    data.mkdir()
    os.chmod(folder, 0o755)  # noqa: PTH101  the server has a user of its own
    cluster = Cluster(programs, data)
    cluster.create()
    try:
        yield cluster.url
    finally:
        cluster.stop()


async def furnish(db: Database, url: str, size: int) -> None:
    """Two campaigns, and so many leads."""
    site = Site(db)
    for name, list_id in (("FULL", 101), ("LISTS", 102)):
        await site.put(Campaign(id=name))
        await site.put(LeadList(id=list_id, campaign=name))
    chunks = [(first, min(first + CHUNK - 1, size)) for first in range(1, size + 1, CHUNK)]
    with Progress(transient=True) as progress:
        task = progress.add_task(f"{db.kind}: {size:,} leads", total=size)
        plain = url.removeprefix("sqlite:///")
        filling = fill_sqlite(Path(plain), chunks) if plain != url else fill_postgresql(url, chunks)
        async for done in filling:
            progress.update(task, completed=done)


async def measure(db: Database, rounds: int) -> dict[str, float]:
    """Milliseconds of a pull, by the way, at the median."""
    hopper, found = Hopper(db), dict[str, list[float]](pull=[], fill=[])

    async def pull(tx: Transaction) -> list[HopperRow]:
        await hopper.due(tx, "FULL")
        return await hopper.pull(tx, "FULL", COUNT, "bench")

    async def fill(tx: Transaction) -> list[HopperRow]:
        await hopper.due(tx, "LISTS")
        await hopper.fill(tx, "LISTS", STATUSES, COUNT)
        return await hopper.pull(tx, "LISTS", COUNT, "bench")

    for number in range(WARM_UP + rounds):
        for name, work in (("pull", pull), ("fill", fill)):
            begin = time.perf_counter()
            rows = await db.write(work)
            took = (time.perf_counter() - begin) * 1000
            if len(rows) != COUNT:
                raise RuntimeError(f"{len(rows)} rows were pulled ({name})")
            if number >= WARM_UP:
                found[name].append(took)
            await db.write(lambda tx, rows=rows: _called(tx, hopper, rows))  # type: ignore[misc]
    return {name: statistics.median(times) for name, times in found.items()}


async def _called(tx: Transaction, hopper: Hopper, rows: list[HopperRow]) -> None:
    for row in rows:
        await hopper.done(tx, row)
        await tx.conn.execute(CALLED, {"of_lead": row.lead_id})


async def run(kind: str, sizes: list[int], rounds: int, folder: Path) -> None:
    """One store with each number of leads, and its part of the table."""
    least: dict[str, float] = {}
    for size in sizes:
        place = Path(tempfile.mkdtemp(prefix="bench-", dir=folder))
        try:
            async with store(kind, place) as url, Database(url) as db:
                await furnish(db, url, size)
                found = await measure(db, rounds)
        finally:
            shutil.rmtree(place)
        least = least or found
        ratios = {name: found[name] / least[name] for name in found}
        cells = "".join(f"{found[name]:11.2f}{ratios[name]:7.2f}" for name in found)
        verdict = "met" if max(ratios.values()) <= AIM else "MISSED"
        print(f"{kind:12}{size:12,}{cells}   {verdict}", flush=True)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", default="10000,1000000", help="numbers of leads")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--stores", default="sqlite,postgresql")
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where the stores are put")
    asked = parser.parse_args()
    sizes = sorted(int(size) for size in asked.sizes.split(","))
    asked.folder.mkdir(exist_ok=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print(f"{'store':12}{'leads':>12}{'full, ms':>11}{'times':>7}{'lists, ms':>11}{'times':>7}   aim {AIM:g}")
    for kind in asked.stores.split(","):
        asyncio.run(run(kind, sizes, asked.rounds, asked.folder))


if __name__ == "__main__":
    main()
