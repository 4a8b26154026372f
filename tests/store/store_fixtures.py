"""Databases for the tests: an SQLite file, and PostgreSQL where there is a server or its programs.

`AGENT_BRIDGE_TEST_POSTGRES` names a server (URL of a database in which others may be made). Without
it a cluster is started in a temporary folder if `initdb` is found; else those tests are skipped.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bridge.ids import uuid7
from bridge.store.database import Database
from bridge.store.schema import metadata


def _programs() -> Path | None:
    """The folder with `initdb`, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    plain = shutil.which("initdb")
    return found[0].parent if found else Path(plain).parent if plain else None


def _as_nobody(*command: str | Path) -> list[str]:
    """PostgreSQL refuses to be run by root."""
    words = [str(word) for word in command]
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Cluster:
    """A throwaway PostgreSQL server."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.port = programs, folder, free_port()

    def create(self, *, careless: bool = False) -> None:
        """Make and start it; `careless`: it need not survive a loss of power, and is quicker."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run(
            "initdb", "--no-sync", "--auth=trust", "--username=bridge", "--encoding=UTF8", "--no-locale"
        )
        with (self.folder / "postgresql.conf").open("a") as config:
            config.write(f"port={self.port}\nlisten_addresses='127.0.0.1'\n")
            config.write(f"unix_socket_directories='{self.folder}'\nmax_connections=60\n")
            if careless:
                config.write("fsync=off\nsynchronous_commit=off\nfull_page_writes=off\n")
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._run("pg_ctl", "--wait", f"--log={self.folder / 'server.log'}", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is a crash in order."""
        self._run("pg_ctl", "--wait", f"--mode={mode}", "stop")

    @property
    def url(self) -> str:
        """URL of the database that every cluster has."""
        return f"postgresql://bridge@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        command = _as_nobody(self.programs / program, f"--pgdata={self.folder}", *arguments)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/tmp")  # noqa: S108  any readable folder


class Proxy:
    """Stands between us and the server, and can be frozen: everything stays open, nothing passes."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._flows = asyncio.Event()
        self._flows.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Proxy]:
        """Listens while the context stands."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        yield self
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def freeze(self) -> None:
        """Let nothing pass."""
        self._flows.clear()

    def thaw(self) -> None:
        """Let it pass again, with what was held up."""
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(self._pass_on(source, sink), name="proxy")
            self._tasks.add(task)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                await self._flows.wait()
                sink.write(data)
        sink.close()


def _new_cluster(*, careless: bool = False) -> Iterator[Cluster]:
    programs = _programs()
    if programs is None:
        pytest.skip("no AGENT_BRIDGE_TEST_POSTGRES, and no initdb on this machine")
    folder = Path(tempfile.mkdtemp(prefix="agent-bridge-pg-"))
    cluster = Cluster(programs, folder)
    cluster.create(careless=careless)
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server that all tests share."""
    given = os.environ.get("AGENT_BRIDGE_TEST_POSTGRES")
    if given:
        yield given
        return
    for cluster in _new_cluster(careless=True):
        yield cluster.url


@pytest.fixture
def postgres_cluster() -> Iterator[Cluster]:
    """A server of the test's own, to be stopped and started."""
    yield from _new_cluster()


async def _administer(server: str, *statements: str) -> None:
    url = make_url(server).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as conn:
        for statement in statements:
            await conn.exec_driver_sql(statement)
    await engine.dispose()


async def _new_database(server: str) -> str:
    """URL of a new database."""
    name = f"test_{uuid7().replace('-', '')}"
    await _administer(server, f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


async def _drop_database(server: str, url: str) -> None:
    await _administer(server, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


async def _migrate(url: str) -> None:
    async with Database(url):
        pass


_WITH_ROWS = " UNION ALL ".join(
    f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})"  # noqa: S608  our own tables
    for name in metadata.tables
)
_NUMBERED = """
    SELECT owned.refobjid::regclass::text
    FROM pg_depend AS owned JOIN pg_sequence AS s ON s.seqrelid = owned.objid
    WHERE owned.deptype IN ('a', 'i') AND pg_sequence_last_value(s.seqrelid) IS NOT NULL
"""


async def _empty(url: str) -> None:
    """Take away what a test has left, and whoever is still connected.

    Only of tables that were used: emptying one makes its files anew, which for a hundred takes longer than
    most tests.
    """
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    async with engine.begin() as conn:
        await conn.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await conn.exec_driver_sql(
            "SET LOCAL session_replication_role = replica"
        )  # the audit trail would refuse
        used = (await conn.exec_driver_sql(f"{_WITH_ROWS} UNION {_NUMBERED}")).scalars().all()
        if used:
            await conn.exec_driver_sql(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE")
        await conn.exec_driver_sql("INSERT INTO counters (name, value) VALUES ('events', 0)")
    await engine.dispose()


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Iterator[str]:
    """URL of a database that all tests share; a new one for each would take half of their time."""
    url = asyncio.run(_new_database(postgres_server))
    asyncio.run(_migrate(url))
    yield url
    asyncio.run(_drop_database(postgres_server, url))


@pytest.fixture
async def postgres_url(postgres_database: str) -> str:
    """URL of a database with the schema and nothing in it."""
    await _empty(postgres_database)
    return postgres_database


@pytest.fixture
async def postgres_empty_url(postgres_server: str) -> AsyncIterator[str]:
    """URL of a new database without even the schema."""
    url = await _new_database(postgres_server)
    yield url
    await _drop_database(postgres_server, url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "bridge.db"
    asyncio.run(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """URL of a file with the schema and nothing in it."""
    shutil.copy(sqlite_template, tmp_path / "bridge.db")
    return f"sqlite:///{tmp_path / 'bridge.db'}"


@pytest.fixture
def sqlite_empty_url(tmp_path: Path) -> str:
    """URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'bridge.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A database of each kind with the schema and nothing in it."""
    found: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind without even the schema."""
    kind = "sqlite_empty_url" if request.param == "sqlite" else "postgres_empty_url"
    found: str = request.getfixturevalue(kind)
    return found


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """An open database of each kind."""
    async with Database(url) as database:
        yield database
