"""What other bridges on the database do to the calls and sessions of an Asterisk that this one follows.

A call that another bridge has written may have events in Asterisk before we have heard of it. So the last
events are kept for a moment, and those of a call or a phone that turns out to be ours are taken then.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from bridge.agents import queries as session_queries
from bridge.agents import service as agents
from bridge.agents.comparing import phones
from bridge.agents.model import AgentState
from bridge.agents.service import Sessions
from bridge.ami.events import AmiEvent
from bridge.calls import queries as call_queries
from bridge.calls import service as calls
from bridge.calls.model import CallState
from bridge.calls.service import Calls
from bridge.store.database import Database

KEPT_SECONDS: Final = 3.0
"""How long an event waits for news of whose it is: that is on its way for some milliseconds."""
KEPT_EVENTS: Final = 5000
"""How many may wait."""


class Others:
    """Hears what the other bridges have done on one Asterisk, and follows it.

    Args:
        asterisk: its name.
        db: the open store.
        calls: those of this bridge.
        sessions: those of this bridge.
        missed: called when we may not have heard all of it.
    """

    def __init__(
        self, asterisk: str, db: Database, calls_: Calls, sessions: Sessions, missed: Callable[[], object]
    ) -> None:
        self._asterisk = asterisk
        self._db = db
        self._calls = calls_
        self._sessions = sessions
        self._heard: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
        self._kept: deque[tuple[float, AmiEvent]] = deque(maxlen=KEPT_EVENTS)
        for topic in (calls.TOPIC, agents.TOPIC, calls.OFFERS):
            db.notices.hear(topic, partial(self._hear, topic))
        db.notices.when_missed(missed)

    def _hear(self, topic: str, notice: str) -> None:
        asterisk, name, what = notice.split(" ", 2)
        if asterisk == self._asterisk:
            self._heard.put_nowait((topic, name, what))

    async def next(self) -> tuple[str, str, str]:
        """What they have done next, to be given to `take`."""
        return await self._heard.get()

    def keep(self, event: AmiEvent) -> None:
        """Keep an event that was taken, for a call that we may not know yet."""
        if self._db.shared:
            self._kept.append((asyncio.get_running_loop().time(), event))

    def forget_events(self) -> None:
        """They are of before a comparison, which knows better."""
        self._kept.clear()

    async def take(self, topic: str, name: str, what: str, *, following: bool) -> None:
        """Follow what they have begun, and let go of what they have ended.

        Raises:
            StoreError: it could not be read, or what came of it could not be written.
        """
        if topic == calls.OFFERS:
            self._calls.followed.offered(self._asterisk, name, what)
        elif what == CallState.DISPOSED:
            self._calls.followed.forget(self._asterisk, name)
        elif following or what == AgentState.LOGGED_OUT:
            await self._follow(topic, name)

    async def _follow(self, topic: str, name: str) -> None:
        ids = await (self._call(name) if topic == calls.TOPIC else self._session(name))
        if not ids:
            return
        since = asyncio.get_running_loop().time() - KEPT_SECONDS
        for event in [event for at, event in self._kept if at > since and _is_of(event, ids)]:
            await self._calls.on_event(self._asterisk, event)
            await self._sessions.on_event(self._asterisk, event)

    async def _call(self, call_id: str) -> frozenset[str]:
        """Follow a call; its channels, if it was not followed before."""
        async with self._db.read() as conn:
            call = await call_queries.find(conn, call_id)
        if call is None:
            return frozenset()
        if call.state is CallState.DISPOSED:
            self._calls.followed.forget(self._asterisk, call.id)
            return frozenset()
        return (
            frozenset({call.id, call.channel} - {""})
            if self._calls.followed.another_bridges(call)
            else frozenset()
        )

    async def _session(self, session_id: str) -> frozenset[str]:
        """Follow a session; its phone's channels, if they were not followed before."""
        async with self._db.read() as conn:
            session = await session_queries.find(conn, session_id)
        if session is None:
            return frozenset()
        if session.state is AgentState.LOGGED_OUT:
            self._sessions.forget(session)
            return frozenset()
        return frozenset(phones(session)) if self._sessions.follow(session) else frozenset()


def _is_of(event: AmiEvent, ids: frozenset[str]) -> bool:
    return any(event.get(header) in ids for header in ("Uniqueid", "DestUniqueid", "ActionID"))
