"""What a pull from the hopper costs, by the number of leads: SQLite and PostgreSQL.

Two campaigns: `full hopper` has a tenth of the leads in its hopper, `from lists` an empty one and all the
others in its list, a third of them with a status that may be dialled. In turn, each in one transaction as the
dialler does it: the next 20 rows of the one are pulled; for the other 20 leads are filled in and pulled. What
was pulled is then taken away, as a call does. Milliseconds of a transaction, synced to disk, at the median;
stores with few and many leads take turns.

Usage: `hopper.py [--sizes 10000,1000000] [--rounds 40] [--stores sqlite,postgresql] [--folder DIR]`. The
folder must be on a disk to mean anything; ten million leads take some minutes and 10 GB for each store.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from functools import partial
from pathlib import Path

import asyncpg
import structlog
from _bridge import ROOT
from rich.console import Console
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
IN_HOPPER = 10
"""One lead of so many stands in the full hopper."""
STATUSES = ("NEW",)

LEADS = """
INSERT INTO leads (list_id, status, phone_number, "rank", called_since_last_reset)
SELECT CASE WHEN n % 10 = 0 THEN 101 ELSE 102 END,
       CASE n % 3 WHEN 0 THEN 'NEW' WHEN 1 THEN 'NA' ELSE 'SALE' END,
       CAST(7275550000 + n AS text), n % 1000 * 7919 % 100, 'N'
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
    with Progress(transient=True, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"{db.kind}: {size:,} leads", total=size)
        plain = url.removeprefix("sqlite:///")
        filling = fill_sqlite(Path(plain), chunks) if plain != url else fill_postgresql(url, chunks)
        async for done in filling:
            progress.update(task, completed=done)


class Pulls:
    """Pulls from one store, and how long each took."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._hopper = Hopper(db)
        self.times: dict[str, list[float]] = {"pull": [], "fill": []}

    async def once(self, *, counted: bool) -> None:
        """One pull of each way."""
        for name, campaign in (("pull", "FULL"), ("fill", "LISTS")):

            async def work(tx: Transaction, name: str = name, campaign: str = campaign) -> list[HopperRow]:
                await self._hopper.due(tx, campaign)
                if name == "fill":
                    await self._hopper.fill(tx, campaign, STATUSES, COUNT)
                return await self._hopper.pull(tx, campaign, COUNT, "bench")

            begin = time.perf_counter()
            rows = await self._db.write(work)
            took = (time.perf_counter() - begin) * 1000
            if len(rows) != COUNT:
                raise RuntimeError(f"{len(rows)} rows were pulled ({name})")
            if counted:
                self.times[name].append(took)
            await self._db.write(partial(self._called, rows))

    async def _called(self, rows: list[HopperRow], tx: Transaction) -> None:
        for row in rows:
            await self._hopper.done(tx, row)
            await tx.conn.execute(CALLED, {"of_lead": row.lead_id})


async def run(kind: str, sizes: list[int], rounds: int, folder: Path) -> None:
    """A store with each number of leads, which take turns, and their part of the table."""
    async with AsyncExitStack() as stack:
        found: dict[int, Pulls] = {}
        for size in sizes:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=folder)))
            url = await stack.enter_async_context(store(kind, place))
            db = await stack.enter_async_context(Database(url))
            await furnish(db, url, size)
            found[size] = Pulls(db)
        for number in range(WARM_UP + rounds):
            for pulls in found.values():
                await pulls.once(counted=number >= WARM_UP)
    show(kind, found)


def show(kind: str, found: dict[int, Pulls]) -> None:
    """Print the rows of one kind of store."""
    medians = {
        size: [statistics.median(times) for times in pulls.times.values()] for size, pulls in found.items()
    }
    least = next(iter(medians.values()))
    for size, row in medians.items():
        ratios = [value / first for value, first in zip(row, least, strict=True)]
        cells = "".join(f"{value:11.2f}{ratio:7.2f}" for value, ratio in zip(row, ratios, strict=True))
        verdict = "met" if max(ratios) <= AIM else "MISSED"
        print(f"{kind:12}{size:12,}{cells}   {verdict}", flush=True)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", default="10000,1000000", help="numbers of leads")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--stores", default="sqlite,postgresql")
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where the stores are put")
    asked = parser.parse_args()
    sizes = sorted(int(size) for size in asked.sizes.split(","))
    if (most := sizes[0] // IN_HOPPER // COUNT - WARM_UP) < asked.rounds:
        parser.error(f"--rounds: the hopper of {sizes[0]:,} leads is empty after {max(most, 0)}")
    asked.folder.mkdir(exist_ok=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print(f"{'store':12}{'leads':>12}{'full, ms':>11}{'times':>7}{'lists, ms':>11}{'times':>7}   aim {AIM:g}")
    for kind in asked.stores.split(","):
        asyncio.run(run(kind, sizes, asked.rounds, asked.folder))


if __name__ == "__main__":
    main()
