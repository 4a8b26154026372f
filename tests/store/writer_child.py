"""A process that writes until it is killed, and says which writes were accepted.

Arguments: database URL, number of writers side by side. Each accepted id is one line on stdout.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

import structlog
from sqlalchemy import insert

from bridge.events.catalogue import LeadAdded
from bridge.store import schema
from bridge.store.database import Database, Transaction


async def _write_for_ever(db: Database, first: int, step: int) -> None:
    number = first
    while True:
        await db.write(lambda tx: _work(tx, number))  # noqa: B023  awaited before it changes
        os.write(1, f"{number}\n".encode())
        number += step


async def _work(tx: Transaction, number: int) -> None:
    await tx.conn.execute(insert(schema.leads).values(id=number, list_id=1, entry_date=datetime.now(UTC)))
    tx.emit(LeadAdded(lead_id=number, list_id=1))


async def _main(url: str, writers: int) -> None:
    db = Database(url)
    await db.open()
    await asyncio.gather(*(_write_for_ever(db, first, writers) for first in range(1, writers + 1)))


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
