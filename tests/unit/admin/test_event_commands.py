"""What the service answers who reads the event log over its socket."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from admin_service import Service
from structlog.testing import capture_logs

from bridge.admin.client import ask
from bridge.admin.errors import AdminError
from bridge.admin.event_commands import EventsRead, ReadEvents
from bridge.events.catalogue import HopperFilled
from bridge.store.database import Transaction


async def read(service: Service, **asked: Any) -> EventsRead:
    """Ask as the command line does."""
    return await asyncio.to_thread(ask, service.path, ReadEvents(**asked))


async def tell(service: Service, *campaigns: str) -> None:
    async def work(tx: Transaction) -> None:
        for campaign in campaigns:
            tx.emit(HopperFilled(campaign=campaign, leads=1))

    await service.parts.db.write(work)


async def test_without_a_place_it_begins_at_the_end(service: Service) -> None:
    await tell(service, "A", "B")
    found = await read(service)
    assert (found.records, found.begin, found.seq, found.oldest, found.newest) == ([], 2, 2, 1, 2)


async def test_it_goes_on_behind_a_number(service: Service) -> None:
    await tell(service, "A", "B", "C")
    found = await read(service, after=1)
    assert [record.seq for record in found.records] == [2, 3]
    assert found.seq == 3


async def test_it_begins_at_a_time(service: Service) -> None:
    await tell(service, "A")
    now = datetime.now(UTC)
    assert (await read(service, since=now - timedelta(hours=1))).seq == 1
    assert (await read(service, since=now + timedelta(hours=1))).begin == 1


async def test_what_is_filtered_out_was_looked_at(service: Service) -> None:
    await tell(service, "A", "B", "A")
    found = await read(service, after=0, campaign="B")
    assert [record.seq for record in found.records] == [2]
    assert found.seq == 3


async def test_what_is_gone_or_not_there_yet_shows_where_it_begins(service: Service) -> None:
    await tell(service, "A", "B", "C")
    now = datetime.now(UTC)
    assert await service.parts.log.trim(now + timedelta(hours=1), now + timedelta(hours=2)) == 3
    await tell(service, "D")
    found = await read(service, after=1)
    assert (found.begin, [record.seq for record in found.records]) == (3, [4])
    assert (await read(service, after=99)).begin == 4


async def test_who_waits_is_answered_as_it_happens(service: Service) -> None:
    waiting = asyncio.create_task(read(service, after=0, wait=1.0))
    begun = time.monotonic()
    await tell(service, "A")
    found = await waiting
    assert [record.seq for record in found.records] == [1]
    assert time.monotonic() - begun < 1.0


async def test_who_waits_in_vain_is_let_go(service: Service) -> None:
    assert (await read(service, after=0, wait=0.05)).seq == 0


async def test_nobody_may_wait_so_long_that_a_stop_does(service: Service) -> None:
    with pytest.raises(AdminError, match=r"the request is no command: Expected `float` <= 1.0"):
        await read(service, wait=60.0)


async def test_that_it_is_asked_again_and_again_is_not_logged(service: Service) -> None:
    with capture_logs() as logs:
        await read(service)
    assert [entry["log_level"] for entry in logs if entry["event"] == "admin command"] == ["debug"]
