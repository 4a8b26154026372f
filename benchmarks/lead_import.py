"""Leads out of a CSV file: ours, from the file into the store, beside a bare `executemany` of the same rows.

`ours` is the whole way: looking through the file, reading each number, duplicates looked for if asked, 500
rows in each transaction. `bare` is Python's csv and sqlite3: the cells as they are, into the same table with
the same indexes, 500 in each transaction, nothing read or checked. `longest` is the time that one transaction
keeps other writers waiting; `memory` is by how much the process has grown at its largest, for ours.

Usage: `lead_import.py [--rows 100000] [--duplicates DUPLIST] [--folder DIR]`. The folder must be on a disk
to mean anything.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from bridge.campaigns.service import Site
from bridge.imports.model import BATCH_ROWS, Import, Plan
from bridge.imports.service import Imports
from bridge.imports.source import open_source
from bridge.leads.model import LeadList
from bridge.store.database import Database

TITLES = ("phone_number", "first_name", "last_name", "email", "postal_code", "city", "state", "comments")
INSERT = f"INSERT INTO leads (list_id, {', '.join(TITLES)}) VALUES (101{', ?' * len(TITLES)})"


class Run(NamedTuple):
    """One way."""

    seconds: float
    longest: float
    """Of one transaction, s."""


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """The same leads each time."""
    seeded = random.Random(1)
    for number in range(count):
        phone = f"{seeded.choice((727, 813, 312, 415))}{seeded.randint(2_000_000, 9_999_999)}"
        mail = f"ann{number}@example.com"
        yield phone, f"Ann{number}", "O'Hara", mail, "33701", "Tampa", "FL", "asked for a quote, twice"


async def ours(folder: Path, file: Path, duplicates: str) -> Run:
    """From the file into the store."""
    async with Database(f"sqlite:///{folder / 'ours.db'}") as db:
        site = Site(db)
        await site.add(LeadList(id=101))
        imports, began, longest = Imports(db, site), time.perf_counter(), 0.0
        source = open_source(file)
        columns = source.columns("US", {})
        plan = Plan(layout=source.layout, list_id=101, country="US", columns=columns, duplicates=duplicates)
        new = Import(
            id=plan.import_id(source.digest), name=file.name, list_id=101, plan=plan, total=source.last_row()
        )
        await imports.begin(new)
        for batch in source.batches(plan):
            asked = time.perf_counter()
            await imports.take(new.id, batch)
            longest = max(longest, time.perf_counter() - asked)
        return Run(time.perf_counter() - began, longest)


async def bare(folder: Path, file: Path) -> Run:
    """The cells, as they are."""
    path = folder / "bare.db"
    async with Database(f"sqlite:///{path}"):
        pass
    driver, longest, began = sqlite3.connect(path, isolation_level=None), 0.0, time.perf_counter()
    driver.execute("PRAGMA synchronous=FULL")
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        while batch := list(islice(reader, BATCH_ROWS)):
            asked = time.perf_counter()
            driver.execute("BEGIN IMMEDIATE")
            driver.executemany(INSERT, batch)
            driver.execute("COMMIT")
            longest = max(longest, time.perf_counter() - asked)
    driver.close()
    return Run(time.perf_counter() - began, longest)


def peak() -> float:
    """The most that this process has had, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--duplicates", default="")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        file = folder / "leads.csv"
        with file.open("w", encoding="utf-8", newline="") as made:
            csv.writer(made).writerows([TITLES])
            csv.writer(made).writerows(rows(options.rows))
        runs = {"bare": asyncio.run(bare(folder, file))}
        before = peak()
        runs["ours"] = asyncio.run(ours(folder, file, options.duplicates))
        grown = peak() - before
    print(f"{options.rows} rows, SQLite")
    print(f"{'':6}{'rows/s':>10}{'s':>9}{'longest':>12}{'memory':>12}")
    for name, run in runs.items():
        memory = f"{grown:9.1f} MiB" if name == "ours" else ""
        speed = options.rows / run.seconds
        print(f"{name:6}{speed:>10,.0f}{run.seconds:>9.1f}{run.longest * 1000:>9.1f} ms{memory:>12}")


if __name__ == "__main__":
    main()
