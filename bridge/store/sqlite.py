"""SQLite: one writer that shares commits among all who wait, and readers that it never blocks.

A commit costs one sync of the disk, whoever wrote. So works that wait while a commit is under way
are taken together into the next one, each under a savepoint of its own: one that raises is undone
alone, and nobody hears of success before the shared commit is on the disk.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from bridge.events.envelope import EventRecord
from bridge.events.outbox import Pending, append_on_sqlite
from bridge.store.edition import Editions
from bridge.store.errors import StoreClosed, StoreError, StoreTimeout, StoreUnavailable
from bridge.store.faults import FOREIGN, mapped, translate
from bridge.store.sqlite_thread import SqliteConnection
from bridge.store.transaction import T, Transaction, Work
from bridge.store.wakeups import Wakeups

GROUP = 64
"""Works in one commit at most, so that the first of them does not wait for too many others."""
WORK_SECONDS = 10.0
"""A work that takes longer holds everybody up and is undone."""
READERS = 4
"""Connections (each a thread) for reading."""

_EVERY_CONNECTION = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what was accepted survives a loss of power: WAL alone would sync later
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is deleted is not to be read in the file any more
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
)
_READERS_ONLY = "PRAGMA query_only=ON"


class SqliteReaders:
    """Connections that cannot write, made when they are needed and kept.

    Args:
        engine: From `sqlite_thread.engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._places = asyncio.Semaphore(READERS)
        self._idle: list[SqliteConnection] = []

    def connect(self) -> _Lease:
        """A connection of one's own for a while."""
        return _Lease(self)

    async def take(self) -> SqliteConnection:
        """One that nobody uses, or a new one; the one that was used last is the warmest."""
        await self._places.acquire()
        if self._idle:
            return self._idle.pop()
        try:
            return await SqliteConnection.open(self._engine, (*_EVERY_CONNECTION, _READERS_ONLY))
        except BaseException:
            self._places.release()
            raise

    def give_back(self, conn: SqliteConnection, *, sound: bool) -> None:
        """Keep it for the next one, unless it may be at fault or is not done."""
        self._places.release()
        if sound and conn.idle:
            self._idle.append(conn)
        else:
            conn.let_go()

    async def dispose(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            await self._idle.pop().close()


class _Lease:
    """One use of a reader. A class: a generator's entering and leaving takes half as long as a look-up."""

    __slots__ = ("_conn", "_readers")
    _conn: SqliteConnection

    def __init__(self, readers: SqliteReaders) -> None:
        self._readers = readers

    async def __aenter__(self) -> SqliteConnection:
        self._conn = await self._readers.take()
        return self._conn

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._readers.give_back(self._conn, sound=not isinstance(error, FOREIGN))


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
        path: The database file.
        engine: From `sqlite_thread.engine`.
        wakeups: Rung after each commit with events.

    Attributes:
        editions: Of the rows that others remember.
    """

    def __init__(self, path: Path, engine: Engine, wakeups: Wakeups) -> None:
        self.editions = Editions()
        self._path = path
        self._engine = engine
        self._wakeups = wakeups
        self._waiting: asyncio.Queue[_Job | None] = asyncio.Queue()
        self._conn: SqliteConnection | None = None
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

    async def clean(self) -> bool:
        """Empty the log into the file; false if somebody still reads what was there before."""
        with mapped():
            conn = await SqliteConnection.open(self._engine, _EVERY_CONNECTION)
            try:
                row = await conn.drive(
                    lambda driver: driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                )
            finally:
                await conn.close()
        return not row[0]

    async def close(self) -> None:
        """Finish what waits, then close the file."""
        task, self._task = self._task, None
        if task is not None:
            self._waiting.put_nowait(None)
            await task
        await self._drop()

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
                conn = await self._begin()
                await self._run_all(conn, jobs)
                good = [job for job in jobs if not job.failed]
                entries = [entry for job in good if job.transaction for entry in job.transaction.events]
                records = await conn.drive(partial(_finish, entries, keep=bool(good)))
        except BaseException:
            await self._drop()
            raise
        finally:
            self.editions.settle()
        for job in good:
            job.succeed()
        if records:
            self._wakeups.ring(records)

    async def _begin(self) -> SqliteConnection:
        if self._conn is None:
            self._conn = await SqliteConnection.open(self._engine, _EVERY_CONNECTION)
            await self._conn.drive(self.editions.watch)
            self._file = _identity(self._path)
        elif self._file != _identity(self._path):
            raise StoreUnavailable(f"the database file {self._path} was moved or replaced")
        await self._conn.at_once(partial(_say, "BEGIN IMMEDIATE"))
        return self._conn

    async def _run_all(self, conn: SqliteConnection, jobs: Sequence[_Job]) -> None:
        if len(jobs) == 1:
            await self._run(conn, jobs[0])
            return
        for job in jobs:
            await conn.at_once(partial(_say, "SAVEPOINT work"))
            await self._run(conn, job)
            if job.failed:
                await conn.at_once(partial(_say, "ROLLBACK TO work"))
            await conn.at_once(partial(_say, "RELEASE work"))

    async def _run(self, conn: SqliteConnection, job: _Job) -> None:
        """Run one job; what it raises is its own, unless that is the whole transaction's end."""
        job.transaction = Transaction(conn)
        runner = asyncio.get_running_loop().create_task(
            _await(job.work, job.transaction), context=job.context, name="store-work"
        )
        if not await _ends_in_time(runner):
            runner.cancel()
            await asyncio.wait((runner,))
            raise _Spoilt(job, StoreTimeout())
        if runner.cancelled():
            raise _Spoilt(job, StoreTimeout("the work was cancelled; nothing was written"))
        if not conn.in_transaction:  # SQLite has undone it all, and the work may have hidden that
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
            await conn.close()


def _say(statement: str, driver: sqlite3.Connection) -> None:
    driver.execute(statement).close()


def _finish(entries: Sequence[Pending], driver: sqlite3.Connection, *, keep: bool) -> list[EventRecord]:
    """Number and write the events, then end the transaction: one trip for all of it."""
    records = append_on_sqlite(driver, entries) if entries else []
    _say("COMMIT" if keep else "ROLLBACK", driver)
    return records


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


async def _ends_in_time(task: asyncio.Task[Any]) -> bool:
    """Wait for a task; `asyncio.wait` with a timeout says the same in twice the time."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[bool] = loop.create_future()

    def end(*, in_time: bool) -> None:
        if not ended.done():
            ended.set_result(in_time)

    task.add_done_callback(lambda _: end(in_time=True))
    limit = loop.call_later(WORK_SECONDS, partial(end, in_time=False))
    try:
        return await ended
    finally:
        limit.cancel()


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116  a microsecond on each commit; Path.stat costs three
    except OSError as error:
        raise StoreUnavailable(f"the database file {path} is gone: {error.strerror}") from error
    return found.st_dev, found.st_ino
