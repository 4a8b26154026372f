"""Agents on hook who wait: the dialler has their phone rung first, and calls a lead when they sit there.

A customer who has said hello waits two seconds at most, and no phone is answered in that time. So the agent
is there before the customer is called, and nobody is abandoned for her.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from bridge.agents.model import AgentSession, AgentState
from bridge.agents.on_hook import RING_NO_ANSWER
from bridge.agents.placing import Placing
from bridge.agents.signals import Pause
from bridge.agents.stepping import Stepping
from bridge.calls.intent import Intent
from bridge.errors import InvalidState, NoSuchPhone, NotAllowed, NotLoggedIn
from bridge.rules import Permit
from bridge.turn import Turn


class Waiting:
    """Places the dialler's calls out of the rooms of agents on hook."""

    def __init__(self, placing: Placing, stepping: Stepping) -> None:
        self._placing = placing
        self._stepping = stepping

    def hold(self, user: str) -> AbstractAsyncContextManager[None]:
        """Until this is left, no command to this agent begins."""
        return self._stepping.hold(user)

    async def locked(self, turn: Turn, user: str, campaign: str, asterisk: str) -> AgentSession | None:
        """Her session, kept from other writers until the turn ends, if she still waits for such a call."""
        try:
            session = await self._stepping.locked(turn, user)
        except NotLoggedIn:
            return None
        waits = session.state is AgentState.READY and session.on_hook and session.blended
        return session if waits and (session.campaign, session.asterisk) == (campaign, asterisk) else None

    async def place(self, turn: Turn, session: AgentSession, intent: Intent, permit: Permit) -> bool:
        """Ring her phone, and behind it the lead's; false if it cannot be rung: then she is paused.

        Raises:
            as `Calls.place`.
        """
        try:
            await self._placing.ring(turn, session, intent, permit, from_ready=True)
        except (InvalidState, NoSuchPhone, NotAllowed):  # of her phone, before anything was written
            await self._stepping.step(turn, session, Pause(at=turn.at, reason=RING_NO_ANSWER))
            return False
        return True
