"""Follows one Asterisk: its events become news of calls and sessions.

After a gap, what was missed is found by comparing with a snapshot, and only then is the bridge ready.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog

from bridge.agents.service import Sessions
from bridge.ami.actions import CoreShowChannels
from bridge.ami.client import AmiClient
from bridge.ami.errors import AmiError
from bridge.ami.events import AmiEvent
from bridge.ami.subscriptions import Gap, Item, LinkDown, LinkUp
from bridge.calls.service import Calls
from bridge.calls.snapshot import Snapshot
from bridge.events.catalogue import AsteriskDown, AsteriskGap, AsteriskUp, Event
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreError, StoreInDoubt, StoreUnavailable

EVENTS: Final = (
    "AgentConnect",
    "AgentRingNoAnswer",
    "ConfbridgeJoin",
    "DialBegin",
    "DialEnd",
    "DialState",
    "Hangup",
    "Newchannel",
    "Newstate",
    "OriginateResponse",
    "QueueCallerJoin",
)
"""What calls and sessions want to know; nothing else is even decoded."""

BACKLOG: Final = 20_000
"""Events that may wait for us. More means that we are far behind: then a snapshot is quicker and truer."""

RETRY: Final = 1.0
"""Seconds between tries to compare again, while Asterisk or the store cannot be read."""

_log = structlog.get_logger(__name__)


class Watch:
    """The one consumer of an Asterisk's events, so that they have one order."""

    def __init__(self, name: str, client: AmiClient, db: Database, calls: Calls, sessions: Sessions) -> None:
        self._name = name
        self._client = client
        self._db = db
        self._calls = calls
        self._sessions = sessions
        self.ready = False
        """Whether what the store says of this Asterisk's channels is what Asterisk says."""

    async def run(self) -> None:
        """Follow until cancelled."""
        async with self._client.subscribe(EVENTS, maxsize=BACKLOG, policy="gap") as subscription:
            async for item in subscription:
                await self._take_surely(item)

    async def _take_surely(self, item: Item) -> None:
        """Take an item. If the store fails, an event is found again by comparing, word of a link is kept."""
        while True:
            try:
                return await self._take(item)
            except StoreError as error:
                _log.warning("news could not be stored", error=repr(error), item=str(item)[:200])
                passing = isinstance(error, StoreUnavailable | StoreInDoubt)
                if isinstance(item, AmiEvent) or not passing:
                    return await self._compare(restarted=isinstance(item, Gap) and item.restarted)
            await asyncio.sleep(RETRY)

    async def _take(self, item: Item) -> None:
        match item:
            case LinkUp(first=True):
                await self._compare(restarted=False)
            case LinkUp():
                pass  # the Gap that follows says what was missed
            case LinkDown():
                self.ready = False
                await self._emit(AsteriskDown(asterisk=self._name, reason=str(item.reason)))
                await self._calls.link_lost(self._name)
            case Gap():
                await self._gap(item)
            case _:
                await self._calls.on_event(self._name, item)
                await self._sessions.on_event(self._name, item)

    async def _gap(self, gap: Gap) -> None:
        missed = AsteriskGap(
            asterisk=self._name,
            since=gap.since.isoformat(),
            until=gap.until.isoformat(),
            reason=gap.reason,
        )
        await self._emit(missed)
        await self._compare(restarted=gap.restarted)

    async def _compare(self, *, restarted: bool) -> None:
        """Compare until it has worked, or the link is lost (then another gap will follow)."""
        self.ready = False
        while not self.ready and self._client.up_since is not None:
            try:
                now = datetime.now(UTC)
                rows = await self._client.send_list(CoreShowChannels())
                snapshot = Snapshot(rows, taken=now, restarted=restarted)
                await self._sessions.resync(self._name, snapshot)
                await self._calls.resync(self._name, snapshot)
                await self._emit(AsteriskUp(asterisk=self._name, version=self._client.asterisk_version))
                self.ready = True
            except (AmiError, StoreError) as error:
                _log.warning("comparing with Asterisk failed", asterisk=self._name, error=repr(error))
                await asyncio.sleep(RETRY)

    async def _emit(self, event: Event) -> None:
        async def work(tx: Transaction) -> None:
            tx.emit(event)

        await self._db.write(work)
