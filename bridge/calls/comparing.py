"""Open calls against what Asterisk has: after a start, after a gap, and for channels that nobody knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Protocol, TypeAlias

from bridge.calls import queries, signals
from bridge.calls.deadlines import Deadlines
from bridge.calls.followed import Followed
from bridge.calls.model import LIVE, Call, CallKind, CallState
from bridge.calls.snapshot import Snapshot, seen_first
from bridge.ids import is_uuid7
from bridge.store.database import Database
from bridge.turn import Turn


class News(Protocol):
    """Steps a call with what an Asterisk has told, if it is ours to follow."""

    def __call__(
        self, call_id: str, build: Callable[[Turn], signals.Signal], told_by: str = ""
    ) -> Awaitable[Call | None]:
        """Step the call."""


Look: TypeAlias = Callable[[Call, Callable[[Call, datetime], signals.Signal | None]], Awaitable[Call | None]]
"""Steps a call with what is said of it as it is now, if anything; only while it is ours to follow."""


class Comparing:
    """Finds out what became of calls while nobody looked."""

    def __init__(
        self, db: Database, followed: Followed, deadlines: Deadlines, news: News, look: Look
    ) -> None:
        """Take the store, those who are followed and their deadlines, and what a signal is given to."""
        self._db = db
        self._followed = followed
        self._deadlines = deadlines
        self._news = news
        self._look = look

    async def resync(self, asterisk: str, snapshot: Snapshot) -> None:
        """Compare every open call with what Asterisk has now."""
        async with self._db.read() as conn:
            calls = await queries.open_calls(conn, asterisk)
        for call in calls:
            await self._resync_one(call, snapshot)
        for unique_id in snapshot.ours - {call.id for call in calls}:
            await self.unknown_channel(asterisk, unique_id)

    async def unknown_channel(self, asterisk: str, channel: str) -> None:
        """A channel that we have named. Of a call that is over, it came too late: nobody waits for it."""
        if not is_uuid7(channel):
            return
        async with self._db.read() as conn:
            call = await queries.find(conn, channel)
        if call is None or call.asterisk != asterisk:
            return
        if call.state in LIVE:  # another bridge's, which has just dialled it
            self._followed.another_bridges(call)
        else:
            await self._news(call.id, lambda turn: signals.SnapshotPresent(at=turn.at), asterisk)

    async def _resync_one(self, call: Call, snapshot: Snapshot) -> None:
        if call.state is CallState.PLANNED and call.kind not in {CallKind.DIALPLAN, CallKind.INBOUND}:
            # never sent, never will be
            await self._news(call.id, lambda turn: signals.HangupAsked(at=turn.at), call.asterisk)
            return
        if call.state is CallState.ENDED:
            self._deadlines.disposition(call)
            return
        self._followed.now(call)
        after = await self._look(call, partial(_seen_in, snapshot))
        if after is not None and after.state in {CallState.SENT, CallState.UNKNOWN}:
            self._deadlines.truth(after)

    async def restore(self) -> None:
        """After a start: follow what is open."""
        async with self._db.read() as conn:
            calls = await queries.open_calls(conn)
        for call in calls:
            if call.state is CallState.ENDED:
                self._deadlines.disposition(call)
            if self._followed.on(call.asterisk):
                self._followed.now(call)
            else:
                await self._forsake(call)

    async def _forsake(self, call: Call) -> None:
        """End a call on an Asterisk that the settings no longer name: nobody will ever tell of it."""
        after = await self._news(
            call.id, lambda turn: signals.SnapshotAbsent(at=turn.at, asterisk_restarted=True)
        )
        if after is not None and after.state is CallState.ENDED:
            self._deadlines.disposition(after)


def _seen_in(snapshot: Snapshot, call: Call, at: datetime) -> signals.Signal | None:
    """What the snapshot says, if the call has to be in it: the desk may have told more of it since."""
    return snapshot.of_call(call, at) if snapshot.could_show(seen_first(call) or call.asked_at) else None
