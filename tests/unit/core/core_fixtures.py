"""A furnished store, copied for each test, and the core on it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from core_bench import Bench, core_on, furnish, opened

from bridge.store.database import Database


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the site of `core_bench` in it."""
    file = tmp_path_factory.mktemp("core") / "bridge.db"

    async def make() -> None:
        with pytest.MonkeyPatch.context() as patch:
            async with opened(core_on(f"sqlite:///{file}", patch)) as bench:
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


@pytest.fixture
def db(bench: Bench) -> Database:
    """Its store."""
    return bench.core.db
