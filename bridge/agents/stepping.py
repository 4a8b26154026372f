"""How a command reaches an agent's session: in the order of her commands, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from bridge.agents import signals
from bridge.agents.errors import Reason, Refused
from bridge.agents.model import AgentSession
from bridge.agents.service import Sessions
from bridge.errors import BridgeError, InvalidState, NotLoggedIn, NotPaused
from bridge.locks import KeyedLocks
from bridge.store.database import Database
from bridge.turn import Turn, Turns


class Stepping:
    """Steps sessions by commands.

    Args:
        db: the open store.
        sessions: those of this bridge.
        locks: one for each agent, shared by all who command agents.
    """

    def __init__(self, db: Database, sessions: Sessions, locks: KeyedLocks) -> None:
        self.turns = Turns(db)
        self._sessions = sessions
        self._locks = locks

    def hold(self, user: str) -> AbstractAsyncContextManager[None]:
        """Until this is left, no other command to this agent begins."""
        return self._locks.hold(user)

    async def seated(self, user: str) -> AgentSession:
        """Her open session (`NotLoggedIn`)."""
        session = await self._sessions.of_user(user)
        if session is None:
            raise NotLoggedIn(agent=user)
        return session

    async def locked(self, turn: Turn, user: str) -> AgentSession:
        """Her open session, kept from other writers until the turn ends (`NotLoggedIn`)."""
        session = await self._sessions.of_user_locked(turn, user)
        if session is None:
            raise NotLoggedIn(agent=user)
        return session

    async def step(self, turn: Turn, session: AgentSession, command: signals.Command) -> AgentSession:
        """Step a session that was read locked in this turn (`NotPaused`, `InvalidState`)."""
        try:
            return await self._sessions.signal(turn, session, command)
        except Refused as error:
            raise _as_bridge_error(error, session.user) from error

    async def run(self, user: str, build: Callable[[Turn], signals.Command]) -> AgentSession:
        """Step her session. What Asterisk cannot be told now, it is told by the resync when it is back."""

        async def work(turn: Turn) -> AgentSession:
            return await self.step(turn, await self.locked(turn, user), build(turn))

        return await self.turns.run_all(work)


def _as_bridge_error(error: Refused, user: str) -> BridgeError:
    if error.reason is Reason.NOT_PAUSED:
        return NotPaused(agent=user, state=error.state)
    return InvalidState(str(error), agent=user, state=error.state, reason=error.reason)
