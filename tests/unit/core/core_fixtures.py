"""A furnished store, copied for each test, and the core on it; PostgreSQL where it makes a difference."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from core_bench import Bench, core_on, furnish, opened
from store_fixtures import postgres_database, postgres_server, postgres_url

from bridge.desk import Desk
from bridge.store.database import Database

__all__ = [
    "any_bench",
    "any_url",
    "bench",
    "db",
    "desk",
    "furnished",
    "postgres_database",
    "postgres_server",
    "postgres_url",
    "store_url",
]


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the site of `core_bench` in it."""
    file = tmp_path_factory.mktemp("core") / "bridge.db"

    async def make() -> None:
        with pytest.MonkeyPatch.context() as patch:
            async with opened(core_on(f"sqlite:///{file}", patch), migrate=True) as bench:
                await furnish(bench.core)

    asyncio.run(make())
    return file


@pytest.fixture
def store_url(furnished: Path, tmp_path: Path) -> str:
    """URL of a furnished store of the test's own."""
    return f"sqlite:///{shutil.copy(furnished, tmp_path / 'bridge.db')}"


@pytest.fixture
async def bench(store_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """The core on a furnished store, without a watch."""
    async with opened(core_on(store_url, monkeypatch)) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest) -> str:
    """A store of each kind; that on PostgreSQL is empty."""
    found: str = request.getfixturevalue("store_url" if request.param == "sqlite" else "postgres_url")
    return found


@pytest.fixture
async def any_bench(any_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """The core on each kind of store, for what must hold between writers at the same moment."""
    async with opened(core_on(any_url, monkeypatch)) as made:
        if made.core.db.kind == "postgresql":
            await furnish(made.core)
        yield made


@pytest.fixture
def db(bench: Bench) -> Database:
    """Its store."""
    return bench.core.db


@pytest.fixture
def desk(bench: Bench) -> Desk:
    """What the scripts of its first Asterisk ask."""
    return bench.core.desk
