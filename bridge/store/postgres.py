"""PostgreSQL: a transaction for each work, done again when the database gave way to another one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import sqlalchemy
from sqlalchemy import URL, Dialect, Executable, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bridge.events.outbox import append
from bridge.store.errors import StoreClosed, StoreInDoubt, StoreTimeout, StoreUnavailable
from bridge.store.faults import FOREIGN, mapped, translate, worth_retrying
from bridge.store.listener import Listener
from bridge.store.notices import CHANNEL, Notices
from bridge.store.prepared import Prepared
from bridge.store.result import Result, Values
from bridge.store.server import server_engine
from bridge.store.transaction import T, Transaction, Work
from bridge.store.wakeups import Wakeups

CONNECTIONS = 10
"""Pool size for each of reading and writing."""
ATTEMPTS = 8
"""How often a work is begun when others get in its way."""
WORK_SECONDS = 10.0
"""A work that takes longer is undone, as with SQLite."""
CONNECT_SECONDS = 5.0
"""A server that does not answer for so long counts as gone."""

_NOTIFY = text("SELECT pg_notify(:channel, notice) FROM unnest(CAST(:notices AS text[])) AS notice")


def engine(url: URL, *, readers: bool) -> AsyncEngine:
    """Connections to the server; each is asked for a sign of life before it is used again."""
    return server_engine(
        url,
        {
            "timeout": CONNECT_SECONDS,
            "command_timeout": WORK_SECONDS,
            "server_settings": {"application_name": "agent-bridge", "jit": "off", "timezone": "UTC"},
        },
        isolation_level="AUTOCOMMIT" if readers else "READ COMMITTED",
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,  # one round trip; without it the first use after a restart would fail
    )


class PostgresConnection:
    """A `Connection` of the pool's."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    @property
    def dialect(self) -> Dialect:
        """PostgreSQL's."""
        return self._conn.dialect

    async def execute(self, statement: Executable | Prepared, values: Values = None) -> Result:
        """See `Connection`."""
        wanted = statement.statement if isinstance(statement, Prepared) else statement
        return Result.of(await self._conn.execute(wanted, values))

    async def exec_driver_sql(self, statement: str, values: tuple[Any, ...] = ()) -> Result:
        """See `Connection`."""
        return Result.of(await self._conn.exec_driver_sql(statement, values))

    async def run_sync(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        """See `Connection`."""
        return await self._conn.run_sync(work)


class PostgresReaders:
    """Connections for reading.

    Args:
        url: The database, parsed.
    """

    def __init__(self, url: URL) -> None:
        self._engine = engine(url, readers=True)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[PostgresConnection]:
        """A connection of one's own for a while."""
        async with self._engine.connect() as conn:
            yield PostgresConnection(conn)

    async def dispose(self) -> None:
        """Close them."""
        await self._engine.dispose()


class PostgresWriter:
    """Writes on as many connections as there are works, up to the pool's size.

    Args:
        url: The database, parsed.
        wakeups: Rung after each commit with events.
        notices: What the other processes are told, and tell us.
    """

    editions: Final = None
    """Others write too."""

    def __init__(self, url: URL, wakeups: Wakeups, notices: Notices) -> None:
        self._engine = engine(url, readers=False)
        self._wakeups = wakeups
        self._notices = notices
        self._listener = Listener(url, wakeups, notices)
        self._open = False
        self._running: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Begin to serve."""
        self._open = True
        self._listener.start()

    async def write(self, work: Work[T]) -> T:
        """See `Database.write`."""
        if not self._open:
            raise StoreClosed
        task = asyncio.create_task(self._persist(work), name="store-write")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def clean(self) -> None:
        """Nothing: what is deleted is taken away by the server, in its own time."""

    async def close(self) -> None:
        """Finish what runs, then close the connections."""
        self._open = False
        await self._listener.close()
        if self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    async def _persist(self, work: Work[T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._attempt(work)
            except FOREIGN as error:
                if attempt == ATTEMPTS or not worth_retrying(error):
                    raise translate(error) from error
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311  no secret
        raise AssertionError

    async def _attempt(self, work: Work[T]) -> T:
        committing = False
        try:
            async with asyncio.timeout(WORK_SECONDS):
                conn = await self._connect()
                try:
                    ours = PostgresConnection(conn)
                    transaction = Transaction(ours)
                    result = await work(transaction)
                    await self._notify(ours, transaction)
                    if transaction.events:
                        await append(ours, transaction.events)
                    committing = True
                    await _commit(conn)
                finally:
                    await conn.close()
        except TimeoutError:
            raise (StoreInDoubt if committing else StoreTimeout) from None
        transaction.committed()
        if transaction.events:
            self._wakeups.ring()
        return result

    async def _notify(self, conn: PostgresConnection, transaction: Transaction) -> None:
        """Send its notices, once each; the server does so at the commit."""
        notices = [self._notices.encode(*notice) for notice in dict.fromkeys(transaction.notices)]
        if notices:
            await conn.execute(_NOTIFY, {"channel": CHANNEL, "notices": notices})

    async def _connect(self) -> AsyncConnection:
        with mapped():
            return await self._engine.connect()


async def _commit(conn: AsyncConnection) -> None:
    try:
        await conn.commit()
    except DBAPIError as error:
        if worth_retrying(error) or not isinstance(translate(error), StoreUnavailable):
            raise
        raise StoreInDoubt from error
