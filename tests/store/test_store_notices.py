"""Notices: with the commit or never, to every other process, and a word when some may have been missed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bridge.store.database import Database
from bridge.store.errors import StoreClosed
from bridge.store.notices import LONGEST, Notices
from bridge.store.transaction import Transaction

if TYPE_CHECKING:
    from store_fixtures import Cluster

SECONDS = 15


async def say(db: Database, *texts: str, topic: str = "calls") -> None:
    async def work(tx: Transaction) -> None:
        for text in texts:
            tx.notify(topic, text)

    await db.write(work)


class Ear:
    """What a store hears."""

    def __init__(self, db: Database) -> None:
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        db.notices.hear("calls", self._heard.put_nowait)
        db.notices.when_missed(lambda: self._heard.put_nowait("MISSED"))

    async def next(self) -> str:
        return await asyncio.wait_for(self._heard.get(), SECONDS)


async def test_another_process_hears_it_once_and_in_order(postgres_url: str) -> None:
    ours, other = Database(postgres_url), Database(postgres_url)
    ear, own = Ear(ours), Ear(other)
    async with ours, other:
        assert [await ear.next(), await own.next()] == ["MISSED", "MISSED"]
        await say(other, "of another topic", topic="agents")
        await say(other, "one two", "one two", "three")
        await say(other, "four")
        assert [await ear.next() for _ in range(3)] == ["one two", "three", "four"]
        await say(ours, "five")
        assert await own.next() == "five"  # and nothing of its own before


async def test_who_wants_to_hears_its_own_too(postgres_url: str) -> None:
    ours, other = Database(postgres_url), Database(postgres_url)
    heard: asyncio.Queue[str] = asyncio.Queue()
    ours.notices.hear("calls", heard.put_nowait, own=True)
    ours.notices.when_missed(lambda: heard.put_nowait("MISSED"))
    async with ours, other:
        assert await asyncio.wait_for(heard.get(), SECONDS) == "MISSED"
        assert ours.notices.listening
        for db, text in ((ours, "one"), (other, "two")):
            await say(db, text)
            assert await asyncio.wait_for(heard.get(), SECONDS) == text


async def test_nothing_is_said_of_what_is_not_committed(postgres_url: str) -> None:
    ours, other = Database(postgres_url), Database(postgres_url)
    ear = Ear(ours)

    async def fail(tx: Transaction) -> None:
        tx.notify("calls", "undone")
        raise StoreClosed

    async with ours, other:
        await ear.next()
        with pytest.raises(StoreClosed):
            await other.write(fail)
        await say(other, "done")
        assert await ear.next() == "done"


async def test_who_may_have_missed_some_is_told(postgres_cluster: Cluster) -> None:
    db = Database(postgres_cluster.url)
    ear = Ear(db)
    async with db:
        assert await ear.next() == "MISSED"
        await asyncio.to_thread(postgres_cluster.stop)
        await asyncio.to_thread(postgres_cluster.start)
        assert await ear.next() == "MISSED"


async def test_there_is_nobody_to_tell_on_sqlite(sqlite_url: str) -> None:
    async with Database(sqlite_url) as db:
        assert not db.shared
        await say(db, "one")


def test_one_that_cannot_be_taken_harms_no_other() -> None:
    notices, heard = Notices(), list[str]()
    notices.hear("calls", lambda text: 1 // int(text))
    notices.hear("calls", heard.append)
    notices.heard(Notices().encode("calls", "0"))
    assert heard == ["0"]


def test_one_that_the_server_would_not_send_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        Notices().encode("calls", "x" * LONGEST)
