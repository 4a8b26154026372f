"""Who is shut out is out of open streams too, within a second, at every bridge on the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from bridge.access.hashing import Hasher
from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.access.names import ALL
from bridge.access.service import Access
from bridge.api.rest.events import LOOK_AGAIN, _still_may, _visible, while_allowed
from bridge.campaigns.model import UserGroup
from bridge.campaigns.service import Site
from bridge.events.filters import EVERYTHING
from bridge.events.log import EventLog
from bridge.events.sse import TICK_SECONDS, EventStream
from bridge.store.database import Database

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Two(NamedTuple):
    """Two bridges on one store: commands come to the one, the stream is at the other."""

    here: Access
    there: Access
    db: Database
    far: Database
    clock: list[datetime]

    async def stream(self, key: str = "") -> asyncio.Task[list[bytes]]:
        """All that a listener is sent, from its first piece on; it ends when the listener is let go."""
        found = await self.there.principal("crm")
        assert found is not None
        then = found if not key else (await self.there.authenticate("", key)).principal
        assert then is not None
        services: Any = SimpleNamespace(access=self.there)
        wanted = _visible(services, then, EVERYTHING)
        frames = EventStream(EventLog(self.far), "test").stream(after=None, wanted=wanted)
        begun = asyncio.Event()

        async def listen() -> list[bytes]:
            sent = []
            async with aclosing(while_allowed(frames, lambda: _still_may(services, then, wanted))) as on:  # type: ignore[type-var]
                async for frame in on:
                    sent.append(frame)
                    begun.set()
            return sent

        task = asyncio.create_task(listen())
        await asyncio.wait_for(begun.wait(), 10)
        return task


@pytest.fixture
async def two(db: Database, url: str) -> AsyncIterator[Two]:
    """On SQLite there is one bridge alone; its two ends are one."""
    clock = [NOW]
    hasher = Hasher(time_cost=1, memory_cost=8, parallelism=1)
    await Site(db).put(UserGroup(name="ADMIN"))
    alone = db.edition("users") is not None
    far = db if alone else Database(url)
    if not alone:
        await far.open()
    here, there = (Access(each, hasher=hasher, clock=lambda: clock[0]) for each in (db, far))
    spec = UserSpec(user="crm", level=8, api_access=True, functions=ALL, rights=ALL_RIGHTS)
    await here.create(spec, "its-secret")
    yield Two(here, there, db, far, clock)
    if not alone:
        await far.close()
    hasher.close()


async def _disable(two: Two) -> None:
    await two.here.set_active("crm", active=False)


async def _stop(two: Two) -> None:
    await two.db.write(lambda tx: two.here.stop(tx, "crm", "61 calls within an hour"))


async def _new_secret(two: Two) -> None:
    await two.here.new_secret("crm")


async def _remove(two: Two) -> None:
    await two.here.remove("crm")


async def _other_address(two: Two) -> None:
    await two.here.set_limits("crm", lambda _: Limits(addresses=("192.0.2.7",)))


@pytest.mark.parametrize("shut_out", [_disable, _stop, _new_secret, _remove, _other_address])
async def test_a_silent_stream_ends_within_a_second(
    two: Two, shut_out: Callable[[Two], Awaitable[None]]
) -> None:
    two.clock[0] += timedelta(seconds=1)
    listener = await two.stream()
    await asyncio.sleep(0)
    assert not listener.done()
    await shut_out(two)
    await asyncio.wait_for(listener, 5)  # a heartbeat would be after 15 s
    assert TICK_SECONDS + LOOK_AGAIN < 1
    assert b"" not in listener.result()


async def test_a_stream_ends_with_the_users_time(two: Two) -> None:
    await two.here.set_limits("crm", lambda _: Limits(expires_at=NOW + timedelta(hours=1)))
    listener = await two.stream()
    two.clock[0] += timedelta(hours=1)
    await asyncio.wait_for(listener, 5)


async def test_a_stream_ends_with_its_key_and_the_others_go_on(two: Two) -> None:
    one, other = [await two.here.keys.make("crm", name, None) for name in ("one", "other")]
    ends, goes_on = await two.stream(one.token), await two.stream(other.token)
    await two.here.keys.revoke("crm", one.key.id)
    await asyncio.wait_for(ends, 5)
    assert not goes_on.done()
    goes_on.cancel()
