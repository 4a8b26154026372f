"""Follows one Asterisk: its events become news of calls and sessions.

After a gap, what was missed is found by comparing with a snapshot, and only then is the bridge ready. Of
several bridges on one database one follows; another that takes over has a gap behind it like any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

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
from bridge.others import Others
from bridge.store.database import Database, Transaction
from bridge.store.duties import Duty, while_held
from bridge.store.errors import DutyLost, StoreError, StoreInDoubt, StoreUnavailable

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

STALE: Final = timedelta(seconds=15)
"""A gap that has ended so long before we have the duty was another bridge's to close."""

_log = structlog.get_logger(__name__)


class Follower(Protocol):
    """Beside calls and sessions: somebody whom an Asterisk's news concerns."""

    async def on_event(self, asterisk: str, event: AmiEvent) -> None:
        """Take an event."""

    async def resync(self, asterisk: str, snapshot: Snapshot) -> None:
        """Compare with what Asterisk has now."""


class Watch:
    """The one consumer of an Asterisk's events, so that they have one order."""

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        name: str,
        client: AmiClient,
        db: Database,
        *,
        calls: Calls,
        sessions: Sessions,
        duty: Duty,
        more: Sequence[Follower] = (),
    ) -> None:
        """Take the parts; `duty` is to follow this Asterisk, which needs a link to it."""
        self._more = tuple(more)
        self._name = name
        self._client = client
        self._db = db
        self._calls = calls
        self._sessions = sessions
        self._duty = duty
        self._others = Others(name, db, calls, sessions, self._missed)
        self._in_step = False
        self._gap: Gap | None = None
        self._behind = asyncio.Event()
        self._one = asyncio.Lock()
        """News is taken one at a time, whether Asterisk or another bridge tells it."""

    @property
    def ready(self) -> bool:
        """Whether what the store says of this Asterisk's channels is what Asterisk says.

        Where another bridge follows, it sees to that.
        """
        if self._duty.held:
            return self._in_step
        return self._duty.elsewhere and self._client.up_since is not None

    async def run(self) -> None:
        """Follow until cancelled."""
        async with (
            self._client.subscribe(EVENTS, maxsize=BACKLOG, policy="gap") as subscription,
            asyncio.TaskGroup() as group,
        ):
            tasks = [group.create_task(while_held(self._duty, self._lead)), group.create_task(self._hear())]
            async for item in subscription:
                async with self._one:
                    await self._take_surely(item)
            for task in tasks:
                task.cancel()

    # -- the duty, and the other bridges

    async def _lead(self) -> None:
        """We have the duty: catch up, and again whenever we may have missed what others did."""
        self._behind.set()
        try:
            while True:
                await self._behind.wait()
                self._behind.clear()
                async with self._one:
                    await self._catch_up_surely()
        finally:
            self._in_step = False

    def _missed(self) -> None:
        if self._in_step:
            self._in_step = False
            self._behind.set()

    async def _hear(self) -> None:
        while True:
            heard = await self._others.next()
            async with self._one:
                try:
                    await self._others.take(*heard, following=self._duty.held)
                except StoreError as error:
                    _log.warning("what another bridge has done is found by comparing", error=repr(error))
                    self._missed()

    async def _catch_up_surely(self) -> None:
        while self._duty.held and self._client.up_since is not None and not self._in_step:
            try:
                if self._gap is not None and datetime.now(UTC) - self._gap.until > STALE:
                    self._gap = None
                await self._catch_up()
            except DutyLost:
                return
            except StoreError as error:
                _log.warning("a gap could not be told of", asterisk=self._name, error=repr(error))
                await asyncio.sleep(RETRY)

    # -- Asterisk

    async def _take_surely(self, item: Item) -> None:
        """Take an item. If the store fails, an event is found again by comparing, word of a link is kept."""
        while True:
            try:
                return await self._take(item)
            except DutyLost as error:
                _log.warning("this is another bridge's to tell", asterisk=self._name, error=str(error))
                return None
            except StoreError as error:
                _log.warning("news could not be stored", error=repr(error), item=_name(item))
                passing = isinstance(error, StoreUnavailable | StoreInDoubt)
                if isinstance(item, AmiEvent) or not passing:
                    return await self._compare()
            await asyncio.sleep(RETRY)

    async def _take(self, item: Item) -> None:
        match item:
            case LinkUp():
                self._duty.want()
                if item.first and not self._in_step:  # else the Gap that follows says what was missed
                    await self._compare()
            case LinkDown():
                await self._lose_link(str(item.reason))
            case Gap():
                self._gap = item
                await self._catch_up()
            case _ if self._duty.held:
                self._others.keep(item)
                followers: tuple[Follower, ...] = (self._calls, self._sessions, *self._more)
                for follower in followers:
                    await follower.on_event(self._name, item)

    async def _lose_link(self, reason: str) -> None:
        self._in_step = False
        if self._duty.held:
            await self._emit(AsteriskDown(asterisk=self._name, reason=reason))
            await self._calls.link_lost(self._name)
        if self._db.shared:  # another bridge may have a link
            self._duty.let_go()

    async def _catch_up(self) -> None:
        """Tell of the gap, if there was one, and compare; without the duty that is done when we have it."""
        if not self._duty.held:
            return
        if self._gap is not None:
            missed = AsteriskGap(
                asterisk=self._name,
                since=self._gap.since.isoformat(),
                until=self._gap.until.isoformat(),
                reason=self._gap.reason,
            )
            await self._emit(missed)
        await self._compare()

    async def _compare(self) -> None:
        """Compare until it has worked, or link (then another gap will follow) or duty are lost."""
        self._in_step = False
        while not self._in_step and self._client.up_since is not None and self._duty.held:
            try:
                await self._compare_once()
            except DutyLost:
                return
            except (AmiError, StoreError) as error:
                _log.warning("comparing with Asterisk failed", asterisk=self._name, error=repr(error))
                await asyncio.sleep(RETRY)

    async def _compare_once(self) -> None:
        now = datetime.now(UTC)
        rows = await self._client.send_list(CoreShowChannels())
        snapshot = Snapshot(rows, taken=now, restarted=self._gap is not None and self._gap.restarted)
        self._others.forget_events()
        await self._sessions.resync(self._name, snapshot)
        await self._calls.resync(self._name, snapshot)
        for follower in self._more:
            await follower.resync(self._name, snapshot)
        await self._emit(AsteriskUp(asterisk=self._name, version=self._client.asterisk_version))
        self._in_step, self._gap = True, None

    async def _emit(self, event: Event) -> None:
        async def work(tx: Transaction) -> None:
            await self._duty.fence(tx.conn)
            tx.emit(event)

        await self._db.write(work)


def _name(item: Item) -> str:
    """What a log may say of it: an event of Asterisk holds people's numbers."""
    kind = type(item).__name__
    return f"{kind} {item.get('Uniqueid')[:40]}" if isinstance(item, AmiEvent) else kind
