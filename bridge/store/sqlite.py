"""SQLite: one writer that shares commits among all who wait, and readers that it never blocks.

A commit costs one sync of the disk, whoever wrote. So works that wait while a commit is under way
are taken together into the next one, each under a savepoint of its own: one that raises is undone
alone, and nobody hears of success before the shared commit is on the disk.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bridge.events.outbox import append_on_sqlite
from bridge.store import one_trip
from bridge.store.errors import StoreClosed, StoreError, StoreTimeout, StoreUnavailable
from bridge.store.faults import FOREIGN, mapped, translate
from bridge.store.transaction import T, Transaction, Work
from bridge.store.wakeups import Wakeups

BUSY_MILLISECONDS = 5000
"""How long another process's write is waited for before the answer is `StoreLocked`."""
GROUP = 64
"""Works in one commit at most, so that the first of them does not wait for too many others."""
WORK_SECONDS = 10.0
"""A work that takes longer holds everybody up and is undone."""
READERS = 4
"""Connections (each a thread) for reading."""

_EVERY_CONNECTION = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what was accepted survives a loss of power: WAL alone would sync later
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
)


def engine(url: URL, *, readers: bool) -> AsyncEngine:
    """Connections that begin and end transactions only when told to; readers cannot write."""
    made = create_async_engine(
        url,
        async_creator=partial(one_trip.connect, url.database or ""),
        isolation_level="AUTOCOMMIT",
        pool_size=READERS if readers else 1,
        max_overflow=0,
        pool_reset_on_return=None,  # nothing to reset: transactions are ended by those who begin them
    )
    pragmas = (*_EVERY_CONNECTION, "PRAGMA query_only=ON") if readers else _EVERY_CONNECTION

    @event.listens_for(made.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    return made


class _Job:
    """A work that waits, and who waits for it."""

    __slots__ = ("context", "done", "failed", "result", "transaction", "work")

    def __init__(self, work: Work[Any]) -> None:
        self.work = work
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.context = contextvars.copy_context()
        self.transaction: Transaction | None = None
        self.failed = False
        self.result: Any = None

    def fail(self, error: BaseException) -> None:
        self.failed = True
        if not self.done.done():  # else its caller has gone
            self.done.set_exception(error)

    def succeed(self) -> None:
        if self.transaction is not None:
            self.transaction.committed()
        if not self.done.done():
            self.done.set_result(self.result)


class _Spoilt(Exception):  # noqa: N818  control flow inside this module
    """One job has made the whole transaction useless; the others may run again."""

    def __init__(self, job: _Job, error: StoreError) -> None:
        self.job, self.error = job, error


class SqliteWriter:
    """The one who writes.

    Args:
        url: The database file, parsed.
        wakeups: Rung after each commit with events.
    """

    def __init__(self, url: URL, wakeups: Wakeups) -> None:
        self._path = Path(url.database or "")
        self._engine = engine(url, readers=False)
        self._wakeups = wakeups
        self._waiting: asyncio.Queue[_Job | None] = asyncio.Queue()
        self._conn: AsyncConnection | None = None
        self._driver: Any = None
        self._file: tuple[int, int] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to serve."""
        self._task = asyncio.create_task(self._serve(), name="store-writer")

    async def write(self, work: Work[T]) -> T:
        """See `Database.write`."""
        if self._task is None:
            raise StoreClosed
        job = _Job(work)
        self._waiting.put_nowait(job)
        result: T = await job.done
        return result

    async def close(self) -> None:
        """Finish what waits, then close the file."""
        task, self._task = self._task, None
        if task is not None:
            self._waiting.put_nowait(None)
            await task
        await self._drop()
        await self._engine.dispose()

    async def _serve(self) -> None:
        while (first := await self._waiting.get()) is not None:
            jobs = [first]
            last = self._gather(jobs)
            await self._settle(jobs)
            if last:
                return

    def _gather(self, jobs: list[_Job]) -> bool:
        """Take those who wait by now; whether the end was among them."""
        while len(jobs) < GROUP and not self._waiting.empty():
            job = self._waiting.get_nowait()
            if job is None:
                return True
            jobs.append(job)
        return False

    async def _settle(self, jobs: list[_Job]) -> None:
        """Give each job its answer."""
        jobs = [job for job in jobs if not job.done.done()]  # given up by its caller before it began
        while jobs:
            try:
                await self._commit(jobs)
            except _Spoilt as spoilt:
                spoilt.job.fail(spoilt.error)
                jobs = [job for job in jobs if not job.failed]
            except Exception as error:  # noqa: BLE001  every waiting caller must hear of it
                ours = error if isinstance(error, StoreError) else translate(error)
                for job in jobs:
                    job.fail(ours)
                return
            else:
                return

    async def _commit(self, jobs: Sequence[_Job]) -> None:
        """All jobs in one transaction. Whatever goes wrong, the connection is dropped with it."""
        try:
            with mapped():
                await self._begin()
                await self._run_all(jobs)
                good = [job for job in jobs if not job.failed]
                entries = [entry for job in good if job.transaction for entry in job.transaction.events]
                if entries:
                    await append_on_sqlite(self._say, entries)
                await self._say("COMMIT" if good else "ROLLBACK")
        except BaseException:
            await self._drop()
            raise
        for job in good:
            job.succeed()
        if entries:
            self._wakeups.ring()

    async def _begin(self) -> None:
        if self._conn is None:
            self._conn = await self._engine.connect()
            await self._conn.begin()  # for SQLAlchemy alone: else it would roll back when a statement fails
            self._driver = (await self._conn.get_raw_connection()).driver_connection
            self._file = _identity(self._path)
        elif self._file != _identity(self._path):
            raise StoreUnavailable(f"the database file {self._path} was moved or replaced")
        await self._say("BEGIN IMMEDIATE")

    async def _say(self, statement: str, values: Sequence[Any] = ()) -> Sequence[Any]:
        """Past SQLAlchemy, which would take three times as long for these few fixed statements."""
        found: Sequence[Any] = await self._driver.execute_fetchall(statement, values)
        return found

    async def _run_all(self, jobs: Sequence[_Job]) -> None:
        if len(jobs) == 1:
            await self._run(jobs[0])
            return
        for job in jobs:
            await self._say("SAVEPOINT work")
            await self._run(job)
            if job.failed:
                await self._say("ROLLBACK TO work")
            await self._say("RELEASE work")

    async def _run(self, job: _Job) -> None:
        """Run one job; what it raises is its own, unless that is the whole transaction's end."""
        assert self._conn is not None  # noqa: S101  for the type checker
        job.transaction = Transaction(self._conn)
        runner = asyncio.get_running_loop().create_task(
            _await(job.work, job.transaction), context=job.context, name="store-work"
        )
        done, _ = await asyncio.wait((runner,), timeout=WORK_SECONDS)
        if not done:
            runner.cancel()
            await asyncio.wait((runner,))
            raise _Spoilt(job, StoreTimeout())
        if runner.cancelled():
            raise _Spoilt(job, StoreTimeout("the work was cancelled; nothing was written"))
        if not self._driver.in_transaction:  # SQLite has undone it all, and the work may have hidden that
            raise StoreUnavailable
        error = runner.exception()
        if error is None:
            job.result = runner.result()
        else:
            job.fail(_of_work(error))

    async def _drop(self) -> None:
        """Close the connection: SQLite undoes what was open on it."""
        conn, self._conn = self._conn, None
        if conn is not None:
            await conn.invalidate()
            await conn.close()


def _of_work(error: BaseException) -> BaseException:
    """The work's own exception, or ours for one of the database's.

    Raises:
        StoreUnavailable: The database failed, and the other works with it.
    """
    if not isinstance(error, FOREIGN):
        return error
    ours = translate(error)
    if isinstance(ours, StoreUnavailable):
        raise ours from error
    ours.__cause__ = error
    return ours


async def _await(work: Work[T], transaction: Transaction) -> T:
    return await work(transaction)


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116  a microsecond on each commit; Path.stat costs three
    except OSError as error:
        raise StoreUnavailable(f"the database file {path} is gone: {error.strerror}") from error
    return found.st_dev, found.st_ino
