"""Dials what waits in the manual dial queues as soon as its agent is free, on whichever bridge she is."""

from __future__ import annotations

from functools import partial
from typing import Final

from bridge.agents import queries, queued
from bridge.agents.manual import ManualDials
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.placing import Placing
from bridge.agents.queued import Queued
from bridge.agents.service import Sessions
from bridge.agents.stepping import Stepping
from bridge.agents.wish import Wish
from bridge.errors import AsteriskUnavailable, BridgeError, NotLoggedIn, NotPaused, OriginateUnknown
from bridge.store.database import Database
from bridge.timers import Timers
from bridge.turn import Turn

MOST_KNOWN: Final = 10_000
"""Sessions of which is remembered that nothing waits for them."""

_FREE = (AgentState.PAUSED, AgentState.READY)


class DialQueue:
    """The manual dial queues of all agents.

    Args:
        db: the open store.
        sessions: which tell of agents who have become free.
        manual: which dials.
        placing: which knows the campaigns.
        stepping: by which commands to one agent are kept in order.
    """

    def __init__(
        self, db: Database, sessions: Sessions, manual: ManualDials, placing: Placing, stepping: Stepping
    ) -> None:
        self._db = db
        self._manual = manual
        self._placing = placing
        self._stepping = stepping
        self._timers = Timers()
        self._nothing_for: set[str] = set()
        self._of_edition: int | None = None
        sessions.on_free(self._wake)

    async def stop(self) -> None:
        """Wait for what is being dialled; what waits in the queues stays there."""
        await self._timers.stop()

    def _wake(self, session_id: str) -> None:
        self._timers.start(("waiting", session_id), 0.0, partial(self.dial_waiting, session_id))

    async def dial_waiting(self, session_id: str) -> None:
        """Dial what has waited longest for this agent, if she is free; what cannot be dialled is dropped."""
        row = await self._oldest(session_id)
        while row is not None:
            async with self._stepping.hold(row.user):
                if not await self._dial_row(session_id, row):
                    return
            row = await self._oldest(session_id)

    async def _oldest(self, session_id: str) -> Queued | None:
        """What has waited longest; not looked for again where nothing did and none has come since."""
        edition = self._db.edition("manual_dials")  # before the look
        if edition != self._of_edition or len(self._nothing_for) >= MOST_KNOWN:
            self._nothing_for.clear()
            self._of_edition = edition
        if session_id in self._nothing_for:
            return None
        async with self._db.read() as conn:
            row = await queued.oldest(conn, session_id)
        if row is None and edition is not None and edition == self._of_edition:
            self._nothing_for.add(session_id)
        return row

    async def _dial_row(self, session_id: str, row: Queued) -> bool:
        """Whether the next one may be looked at: this one was dropped."""
        async with self._db.read() as conn:
            session = await queries.find(conn, session_id)
        if session is None or session.state not in _FREE:
            return False
        try:
            campaign = await self._placing.campaign(session.campaign)
            await self._manual.do(Wish(session, campaign, row.request, waited=row))
        except (NotLoggedIn, NotPaused, AsteriskUnavailable, OriginateUnknown):
            return False  # it waits on, or is on its way
        except BridgeError as error:
            await self._drop(session, row, error)
            return True
        return False

    async def _drop(self, session: AgentSession, row: Queued, error: BridgeError) -> None:
        async def work(turn: Turn) -> None:
            await queued.drop(turn.tx, session, row, error.error_id)

        await self._stepping.turns.run(work)
