"""Shows Asterisk what became of sessions: their queues, and the devices that these look at.

Two turns of a session may be telling Asterisk at the same time, in any order. So each shows what is so
when it writes, not what was so at its commit: whoever writes last has told the newest. With several
bridges that can be seen only afterwards: whoever finds something newer in the store shows that, too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from bridge.agents import moves, news, queries
from bridge.agents.asterisk import AgentLink
from bridge.agents.model import AgentSession, AgentState
from bridge.store.database import Database, Transaction

_log = structlog.get_logger(__name__)


class Showing:
    """What is shown of all sessions."""

    def __init__(self, db: Database, links: Mapping[str, AgentLink]) -> None:
        """Take the store, and each Asterisk by name."""
        self._db = db
        self._links = links
        self._newest: dict[str, AgentSession] = {}
        self._stepping: set[str] = set()

    def step(self, user: str) -> None:
        """A transaction is open in which something becomes of her."""
        self._stepping.add(user)

    def note(self, session: AgentSession) -> None:
        """This is what became of her, unless that session is over and she has another one by now."""
        newest = self._newest.get(session.user)
        if newest is None or newest.id == session.id or session.state is not AgentState.LOGGED_OUT:
            self._newest[session.user] = session
        self._stepping.discard(session.user)

    def known(self, user: str) -> AgentSession | None:
        """What became of her last session, so far; `None` if that has to be read.

        Others write her too, where the database is shared; and what is just being committed others may see
        before we know of it.
        """
        if self._db.shared or user in self._stepping:
            return None
        return self._newest.get(user)

    async def join(self, session: AgentSession, queues: tuple[str, ...]) -> None:
        """Make her a member of queues, unless her session is over."""
        for queue in queues:
            now = await self._now(session)
            if _is_over(session, now):
                return
            if queue not in now.queues:
                continue
            if await self._links[session.asterisk].join(session, queue):
                await self.pause(session, (queue,))
            else:
                await self._missing(now, queue)

    async def leave(self, session: AgentSession, queues: tuple[str, ...]) -> None:
        """Take her out of queues, unless she has joined them again."""
        for queue in queues:
            now = await self._now(session)
            if _is_over(session, now) or queue not in now.queues:
                await self._links[session.asterisk].remove(queue, session.room)

    async def _missing(self, session: AgentSession, queue: str) -> None:
        """An in-group of ours that is no queue of Asterisk's: whoever set it up has to know."""
        _log.warning("Asterisk has no such queue", asterisk=session.asterisk, queue=queue, agent=session.user)

        async def work(tx: Transaction) -> None:
            tx.emit(news.queue_missing(session, queue))

        await self._db.write(work)

    async def pause(self, session: AgentSession, queues: tuple[str, ...]) -> None:
        """Pause or unpause her in queues, unless her session is over."""
        link = self._links[session.asterisk]

        async def show(queue: str, now: AgentSession) -> None:
            if _is_over(session, now):
                return
            for shown in moves.queue_pause(now):
                await link.pause(now, (queue,), paused=shown.paused, reason=shown.reason)

        for queue in queues:
            await self._show(session, partial(show, queue))

    async def device(self, session: AgentSession) -> None:
        """Set her device."""

        async def show(now: AgentSession) -> None:
            await self._links[session.asterisk].set_device(session, moves.DEVICE[now.state])

        await self._show(session, show)

    async def _show(self, session: AgentSession, show: Callable[[AgentSession], Awaitable[None]]) -> None:
        """Show Asterisk what is so now, until that has not changed meanwhile."""
        shown, now = None, await self._now(session)
        while now != shown:
            await show(now)
            shown, now = now, await self._now(session) if self._db.shared else now

    async def _now(self, session: AgentSession) -> AgentSession:
        """What became of her: her open session, or how this one ended."""
        if not self._db.shared:
            return self._newest.get(session.user, session)
        async with self._db.read() as conn:
            is_open = await queries.of_user(conn, session.user)
            return is_open or await queries.find(conn, session.id) or session


def _is_over(session: AgentSession, now: AgentSession) -> bool:
    return now.id != session.id or now.state is AgentState.LOGGED_OUT
