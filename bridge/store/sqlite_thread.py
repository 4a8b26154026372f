"""An SQLite connection that goes to a thread only for what may take long or has to wait.

SQLite answers a look-up by an index from memory in some 10 µs. A trip to a thread and back costs 30 to
100 µs more, and the asynchronous driver that SQLAlchemy knows, aiosqlite, makes five of them for each
statement: 300 to 500 µs (docs/decisions/0003-sqlite.md). So statements that are `Prepared`, look-ups and
writes of single rows, run where they are asked; commits, which wait for the disk, locks of other
processes, and everything else goes to the connection's thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeAlias, TypeVar

import sqlalchemy
from sqlalchemy import Dialect, Engine, Executable
from sqlalchemy.pool import NullPool

from bridge.store.prepared import Prepared
from bridge.store.result import Result, Values

T = TypeVar("T")
_Job: TypeAlias = tuple[Callable[[], Any], "asyncio.Future[Any]"]

BUSY_MILLISECONDS: Final = 5000
"""How long another process's lock is waited for (in the thread) before the answer is `StoreLocked`."""


def engine(path: str) -> Engine:
    """What connections to a file have in common: dialect, and statements once compiled."""
    return sqlalchemy.create_engine(
        "sqlite://",
        # Two threads use it, but never at the same time.
        creator=partial(sqlite3.connect, path, timeout=0, check_same_thread=False),
        poolclass=NullPool,  # who keeps connections is not SQLAlchemy's matter here
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,  # in the text of errors
    )


class SqliteConnection:
    """A `Connection`. Transactions are begun and ended by whoever uses it, in SQL."""

    def __init__(self, worker: _Worker, conn: sqlalchemy.Connection, driver: sqlite3.Connection) -> None:
        self._worker = worker
        self._conn = conn
        self._driver = driver

    @classmethod
    async def open(cls, engine: Engine, pragmas: Sequence[str]) -> SqliteConnection:
        """Open a connection and set it up.

        Raises:
            SQLAlchemyError, sqlite3.Error: it cannot be opened or set up.
        """
        worker = _Worker()
        try:
            conn, driver = await worker.do(partial(_open, engine, pragmas))
        except BaseException:
            worker.end()
            raise
        return cls(worker, conn, driver)

    @property
    def dialect(self) -> Dialect:
        """SQLite's."""
        return self._conn.dialect

    @property
    def in_transaction(self) -> bool:
        """Whether SQLite itself has one open."""
        return self._driver.in_transaction

    async def execute(self, statement: Executable | Prepared, values: Values = None) -> Result:
        """See `Connection`."""
        if isinstance(statement, Prepared):
            return await self.at_once(lambda driver: statement.run(driver, values))
        return await self.run_sync(lambda conn: Result.of(conn.execute(statement, values)))

    async def exec_driver_sql(self, statement: str, values: tuple[Any, ...] = ()) -> Result:
        """See `Connection`."""
        return await self.run_sync(lambda conn: Result.of(conn.exec_driver_sql(statement, values)))

    async def run_sync(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        """See `Connection`."""
        return await self.drive(lambda _: work(self._conn))

    async def at_once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run what SQLite does in microseconds; in the thread only if it has to wait for somebody."""
        if not self._worker.busy:
            try:
                return work(self._driver)
            except sqlite3.OperationalError as error:
                code = getattr(error, "sqlite_errorcode", 0)  # the module's own complaints have none
                if code & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
        return await self.drive(work)

    async def drive(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function on the driver's connection in the thread; locks are waited for."""
        return await self._worker.do(partial(_patiently, self._driver, work))

    @property
    def idle(self) -> bool:
        """Whether nothing is being done and nothing is open: somebody else may have it."""
        return not self._worker.busy and not self.in_transaction

    async def close(self) -> None:
        """Close it, whatever is open on it; what waits for it is finished first."""
        await self._worker.do(partial(_close, self._conn))
        self._worker.end()

    def let_go(self) -> None:
        """The same without waiting."""
        self._worker.post(partial(_close, self._conn))
        self._worker.end()


def _open(engine: Engine, pragmas: Sequence[str]) -> tuple[sqlalchemy.Connection, sqlite3.Connection]:
    conn = engine.connect()
    try:
        conn.begin()  # for SQLAlchemy alone: else it would roll back when a statement fails
        driver: Any = conn.connection.driver_connection
        _patiently(driver, lambda _: [driver.execute(pragma).close() for pragma in pragmas])
    except BaseException:
        _close(conn)
        raise
    return conn, driver


def _patiently(driver: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    driver.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}").close()
    try:
        return work(driver)
    finally:
        driver.execute("PRAGMA busy_timeout=0").close()


def _close(conn: sqlalchemy.Connection) -> None:
    conn.invalidate()  # closes the file: SQLite undoes what was open on it
    conn.close()


class _Worker:
    """A thread that does what it is given, in order."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._undone = 0
        # A daemon: it must not keep a program from ending that has not closed its connections.
        Thread(target=self._run, name="sqlite", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether something is being done, even if nobody waits for it any more."""
        return self._undone > 0

    async def do(self, work: Callable[[], T]) -> T:
        """Have it done; a caller that is cancelled leaves it to be done all the same."""
        return await self.post(work)

    def post(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Have it done in its turn."""
        done: asyncio.Future[T] = self._loop.create_future()
        self._undone += 1
        self._jobs.put((work, done))
        return done

    def end(self) -> None:
        """No more after what waits now."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, done = job
            try:
                tell = partial(self._give, done, work())
            except BaseException as error:  # noqa: BLE001  it is the caller's
                tell = partial(self._fail, done, error)
            with suppress(RuntimeError):  # the event loop was closed meanwhile: nobody waits any more
                self._loop.call_soon_threadsafe(tell)
            del job, work, done, tell  # not kept until the next one comes

    def _give(self, done: asyncio.Future[Any], result: object) -> None:
        self._undone -= 1
        if not done.done():
            done.set_result(result)

    def _fail(self, done: asyncio.Future[Any], error: BaseException) -> None:
        self._undone -= 1
        if not done.done():
            done.set_exception(error)
