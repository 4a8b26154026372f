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
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bridge.ids import uuid7
from bridge.store.database import Database


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

    def create(self) -> None:
        """Make and start it."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run(
            "initdb", "--no-sync", "--auth=trust", "--username=bridge", "--encoding=UTF8", "--no-locale"
        )
        with (self.folder / "postgresql.conf").open("a") as config:
            config.write(f"port={self.port}\nlisten_addresses='127.0.0.1'\n")
            config.write(f"unix_socket_directories='{self.folder}'\nmax_connections=60\n")
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


def _new_cluster() -> Iterator[Cluster]:
    programs = _programs()
    if programs is None:
        pytest.skip("no AGENT_BRIDGE_TEST_POSTGRES, and no initdb on this machine")
    folder = Path(tempfile.mkdtemp(prefix="agent-bridge-pg-"))
    cluster = Cluster(programs, folder)
    cluster.create()
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
    for cluster in _new_cluster():
        yield cluster.url


@pytest.fixture
def postgres_cluster() -> Iterator[Cluster]:
    """A server of the test's own, to be stopped and started."""
    yield from _new_cluster()


async def _administer(server: str, statement: str) -> None:
    url = make_url(server).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as conn:
        await conn.exec_driver_sql(statement)
    await engine.dispose()


@pytest.fixture
async def postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """URL of a new, empty database."""
    name = f"test_{uuid7().replace('-', '')}"
    await _administer(postgres_server, f"CREATE DATABASE {name}")
    url: URL = make_url(postgres_server).set(database=name)
    yield url.render_as_string(hide_password=False)
    await _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'bridge.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    found: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return found


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """An open database of each kind."""
    database = Database(url)
    await database.open()
    yield database
    await database.close()
