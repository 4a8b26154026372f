"""The database as the rest of the bridge sees it: open, read, write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from bridge.store.connection import Connection
from bridge.store.duties import Duties
from bridge.store.duties_file import FileDuties
from bridge.store.duties_postgres import PostgresDuties
from bridge.store.edition import Editions
from bridge.store.errors import StoreClosed
from bridge.store.faults import FOREIGN, mapped, translate
from bridge.store.migrations import migrate as run_migrations
from bridge.store.notices import Notices
from bridge.store.postgres import PostgresReaders, PostgresWriter
from bridge.store.sqlite import SqliteReaders, SqliteWriter
from bridge.store.sqlite_thread import engine as sqlite_engine
from bridge.store.transaction import T, Transaction, Work
from bridge.store.url import parse, prepare_file
from bridge.store.wakeups import Wakeups

__all__ = ["Database", "Transaction", "Work"]


class _Writer(Protocol):
    @property
    def editions(self) -> Editions | None: ...
    def start(self) -> None: ...
    async def write(self, work: Work[T]) -> T: ...
    async def clean(self) -> bool | None: ...
    async def close(self) -> None: ...


class _Readers(Protocol):
    def connect(self) -> AbstractAsyncContextManager[Connection]: ...
    async def dispose(self) -> None: ...


class Database:
    """One database, SQLite or PostgreSQL.

    Args:
        url: `sqlite:///file.db` or `postgresql://user:secret@host/name`.

    Attributes:
        wakeups: Rings when new events are committed.
        notices: What the other processes on it have to say.

    Raises:
        StoreMisconfigured: The URL cannot be used.
    """

    def __init__(self, url: str) -> None:
        self._url = parse(url)
        self.wakeups = Wakeups()
        self.notices = Notices()
        self._writer: _Writer | None = None
        self._readers: _Readers | None = None

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._url.get_backend_name()

    @property
    def shared(self) -> bool:
        """Whether other bridges may work on it at the same time."""
        return self.kind == "postgresql"

    def edition(self, *tables: str) -> int | None:
        """Of what these tables hold: another number means that something may have changed.

        `None`: nobody can tell. It is just being written, or other processes write, too.

        Args:
            tables: of `bridge.store.edition.WATCHED`.
        """
        found = None if self._writer is None else self._writer.editions
        return None if found is None else found.of(*tables)

    def duties(self, holder: str) -> Duties:
        """What of the work of all bridges on this database is ours; to be started and closed.

        Args:
            holder: Name of this bridge.
        """
        if self.shared:
            return PostgresDuties(self._url, holder)
        return FileDuties(Path(self._url.database or ""))

    def __repr__(self) -> str:
        return f"Database({self._url.render_as_string(hide_password=True)!r})"

    async def open(self, *, migrate: bool = True) -> None:
        """Connect; bring the schema up to date if asked to.

        Raises:
            StoreMisconfigured: The SQLite file cannot be made or written.
            StoreTooNew: A newer version of the program has written it.
            StoreUnavailable: It cannot be reached.
        """
        if self.kind == "sqlite":
            path = prepare_file(self._url)
            engine = sqlite_engine(str(path))
            self._readers = SqliteReaders(engine)
            self._writer = SqliteWriter(path, engine, self.wakeups)
        else:
            self._readers = PostgresReaders(self._url)
            self._writer = PostgresWriter(self._url, self.wakeups, self.notices)
        if migrate:
            await run_migrations(self._url)
        self._writer.start()

    async def close(self) -> None:
        """Finish the writes that wait and let everything go; a second time does nothing."""
        writer, self._writer = self._writer, None
        readers, self._readers = self._readers, None
        if writer is not None:
            await writer.close()
        if readers is not None:
            await readers.dispose()

    async def clean(self) -> bool | None:
        """Let nothing of what was deleted stay in the store's files; whether that is so.

        What is deleted is overwritten, and then written out of the log (`-wal`). `None`: on PostgreSQL it is
        the server's matter (`VACUUM`). False: somebody reads what was there before; a later checkpoint does.

        Raises:
            StoreUnavailable: the file cannot be written now.
        """
        return None if self._writer is None else await self._writer.clean()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def read(self, *, snapshot: bool = False) -> AbstractAsyncContextManager[Connection]:
        """A connection for reading.

        Args:
            snapshot: All statements see one and the same state; else each sees the newest.

        Raises:
            StoreUnavailable: (on entering, and for what happens inside) the database cannot be read now.
        """
        if self._readers is None:
            raise StoreClosed
        lease = self._readers.connect()
        return _Reading(_snapshot(lease) if snapshot else lease)

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction; when this returns, what it wrote is on the disk.

        The work must be quick, wait for nothing but the database, and bear being run again. If its
        caller is cancelled after it began, it is finished all the same.

        Raises:
            StoreUnavailable: Nothing was written; it may be tried again later.
            StoreConflict: A constraint forbids it; nothing was written.
            StoreRefused: A value cannot be stored; nothing was written.
            StoreInDoubt: The connection was lost in mid commit.
            Exception: Whatever the work itself raised; nothing was written.
        """
        if self._writer is None:
            raise StoreClosed
        return await self._writer.write(work)


class _Reading:
    """Whatever the database raises inside leaves as a `StoreError`; other exceptions pass untouched."""

    __slots__ = ("_lease",)

    def __init__(self, lease: AbstractAsyncContextManager[Connection]) -> None:
        self._lease = lease

    async def __aenter__(self) -> Connection:
        try:
            return await self._lease.__aenter__()
        except FOREIGN as error:
            raise translate(error) from error

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with mapped():
            await self._lease.__aexit__(kind, error, trace)
        if isinstance(error, FOREIGN):
            raise translate(error) from error


@asynccontextmanager
async def _snapshot(lease: AbstractAsyncContextManager[Connection]) -> AsyncIterator[Connection]:
    async with lease as conn:
        postgresql = conn.dialect.name == "postgresql"
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if postgresql else "BEGIN"
        # Cancelled here, it may be open all the same: the pool takes no such connection back.
        await conn.exec_driver_sql(begin)
        try:
            yield conn
        except BaseException:
            # Cancelled in mid statement, the connection is gone; what has happened is told, and not this.
            with suppress(*FOREIGN):
                await conn.exec_driver_sql("ROLLBACK")
            raise
        await conn.exec_driver_sql("ROLLBACK")
