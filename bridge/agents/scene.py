"""The agent with the call she has and the parties in it, as the commands about them find it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

from bridge.agents import queries as sessions
from bridge.agents.model import AgentSession
from bridge.calls import queries
from bridge.calls.intent import Intent
from bridge.calls.intents import Intents
from bridge.calls.model import LIVE, Call
from bridge.calls.service import Calls
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.errors import InvalidState, NoCall, NoSuchCampaign, NotLoggedIn
from bridge.locks import KeyedLocks
from bridge.services import DialRequest, Party
from bridge.store.database import Database
from bridge.turn import Turns


class Scene(NamedTuple):
    """An agent with the call she has."""

    session: AgentSession
    call: Call
    legs: Sequence[Call]
    """Third parties whom she has called for it, oldest first."""

    def party(self, who: Party) -> Call | None:
        """Whom a command means; of several third parties the newest."""
        return self.call if who is Party.CUSTOMER else next(reversed(self.legs), None)


class Scenes:
    """Reads scenes, and what has to be known before somebody is called in one."""

    def __init__(self, db: Database, calls: Calls, site: Site, intents: Intents, locks: KeyedLocks) -> None:
        """Take the parts; `locks` are those of the other commands to agents."""
        self.turns = Turns(db)
        self.calls = calls
        self.site = site
        self.intents = intents
        self._db = db
        self._locks = locks

    def hold(self, user: str) -> AbstractAsyncContextManager[None]:
        """Until this is left, no other command to this agent begins."""
        return self._locks.hold(user)

    async def of(self, user: str) -> Scene:
        """The agent's, with a live call (`NotLoggedIn`, `NoCall`)."""
        async with self._db.read() as conn:
            session = await sessions.of_user(conn, user)
            if session is None:
                raise NotLoggedIn(agent=user)
            call = await queries.find(conn, session.call_id) if session.call_id else None
            if call is None or call.state not in LIVE:
                raise NoCall(agent=user)
            return Scene(session, call, await queries.legs(conn, call.id))

    async def campaign(self, call: Call) -> Campaign:
        """The active campaign of a call (`NoSuchCampaign`)."""
        found = await self.site.campaign(call.campaign)
        if found is None or not found.active:
            raise NoSuchCampaign(f"there is no active campaign {call.campaign!r}", campaign=call.campaign)
        return found

    async def reachable(self, request: DialRequest, campaign: Campaign, asterisk: str) -> Intent:
        """A wish that has been looked into, on the Asterisk that has the parties.

        Raises:
            InvalidState: its trunk is on another one.
            NoSuchLead, InvalidInput, AsteriskUnavailable: it cannot be dialled.
        """
        intent = await self.intents.look_into(request, campaign)
        if intent.asterisk != asterisk:
            raise InvalidState(f"trunk {intent.trunk.name} is not on the agent's Asterisk")
        self.calls.check_link(asterisk)
        return intent
