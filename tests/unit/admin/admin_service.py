"""The service's end of the socket without the rest of the service."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.access.hashing import Hasher
from bridge.access.service import Access
from bridge.admin.client import _why
from bridge.admin.command import Parts
from bridge.admin.place import listening
from bridge.admin.server import AdminServer
from bridge.audit.trail import AuditTrail
from bridge.background import background
from bridge.campaigns.service import Site
from bridge.events.log import EventLog
from bridge.leads.service import Leads
from bridge.persons.service import Persons
from bridge.recordings.files import Folder
from bridge.settings import Settings
from bridge.store.database import Database

SECONDS = 10.0


@dataclass
class Service:
    """What stands behind the socket."""

    path: Path
    parts: Parts
    server: AdminServer

    async def send(self, data: bytes, *, end: bool = False) -> bytes:
        """Send some bytes; what is answered until the service closes."""
        reader, writer = await asyncio.open_unix_connection(str(self.path))
        writer.write(data)
        if end:
            writer.write_eof()
        async with asyncio.timeout(SECONDS):
            answer = await reader.read()
        writer.close()
        return answer


@pytest.fixture
def cheap_hasher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are hashed at little cost."""
    cheap = Hasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("bridge.access.service.Hasher", lambda: cheap)
    monkeypatch.setattr(cheap, "close", lambda: None)


Serve = Callable[[frozenset[int] | None], AbstractAsyncContextManager[Service]]


@asynccontextmanager
async def serving(url: str, path: Path, users: frozenset[int] | None = None) -> AsyncIterator[Service]:
    """Serve as long as the context stands."""
    async with listening(path) as listener, Database(url) as db:
        access = Access(db)
        site, leads = Site(db), Leads(db)
        why = _why(Settings(), db, site, leads)
        persons = Persons(db, "US", Folder(""))
        parts = Parts(db, access, site, leads, AuditTrail(db), why, EventLog(db), persons)
        server = AdminServer(listener, parts, users)
        async with background(server.run):
            yield Service(path, parts, server)
        access.close()


@contextmanager
def serving_in_a_thread(url: str, path: Path) -> Iterator[None]:
    """The same beside a test that waits."""
    up, down = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        async with serving(url, path):
            up.set()
            await down.wait()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert up.wait(SECONDS)
    try:
        yield
    finally:
        loops[0].call_soon_threadsafe(down.set)
        thread.join(SECONDS)
    assert not thread.is_alive()
