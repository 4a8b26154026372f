"""A fake Asterisk for the tests of the AMI engine, and a look at what each test leaves behind."""

from __future__ import annotations

import asyncio
import gc
import sys
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from fake_ami import FakeAmi
from fake_ami.waiting import eventually

from bridge.ami import AmiClient, AmiSettings


@pytest.fixture(scope="module")
def nothing_of_others() -> None:
    """What tests of other modules have left for the garbage collector is gone, and is not found in ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
async def nothing_left(nothing_of_others: None) -> AsyncIterator[None]:  # noqa: ARG001 - it is enough that it was
    """Fail a test that leaves a task, a socket or an unread exception behind."""
    loop = asyncio.get_running_loop()
    unread: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: unread.append(context))
    before = asyncio.all_tasks()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        yield
        this = asyncio.current_task()
        await eventually(lambda: not asyncio.all_tasks() - before - {this}, within=2)
        gc.collect()
    assert not unread
    unclosed = [str(warning.message) for warning in caught if warning.category is ResourceWarning]
    # Since Python 3.13 a database speaks up, too: that is another test's, whose garbage was collected here.
    assert not [what for what in unclosed if "sqlite3.Connection" not in what]


@pytest.fixture
async def fake(nothing_left: None) -> AsyncIterator[FakeAmi]:  # noqa: ARG001 - looks around afterwards
    """An Asterisk that does as it is told."""
    async with FakeAmi() as server:
        yield server


@pytest.fixture
def settings() -> Callable[..., AmiSettings]:
    """Settings for a fake, with times that suit a test."""

    def make(server: FakeAmi, **changes: Any) -> AmiSettings:
        quick: dict[str, Any] = {
            "port": server.port,
            "user": server.user,
            "secret": "s3cret",
            "connect_timeout": 5.0,
            "action_timeout": 5.0,
            "backoff_min": 0.01,
            "backoff_max": 0.05,
        }
        return AmiSettings(**{**quick, **changes})

    return make


@pytest.fixture
def up(settings: Callable[..., AmiSettings]) -> Callable[..., Any]:
    """A client of a fake, logged in."""

    @asynccontextmanager
    async def connect(server: FakeAmi, **changes: Any) -> AsyncIterator[AmiClient]:
        async with AmiClient(settings(server, **changes)) as client:
            await client.connected(5)
            yield client

    return connect
