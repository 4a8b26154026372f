"""From a wish to dial by hand to a call out of an agent's room, in the transaction of the caller."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.agents import signals
from bridge.agents.model import AgentSession
from bridge.agents.stepping import Stepping
from bridge.calls.intent import Intent
from bridge.calls.intents import Intents
from bridge.calls.model import Call, CallKind, room_half
from bridge.calls.refusals import forbidden
from bridge.calls.service import Calls
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.errors import InvalidState, NoSuchCampaign
from bridge.rules import PASSING, Permit, Purpose, Refusal
from bridge.services import DialRequest
from bridge.store.connection import Connection
from bridge.turn import Turn


class Placing:
    """Places manual calls."""

    def __init__(self, *, calls: Calls, site: Site, intents: Intents, stepping: Stepping) -> None:
        self._calls = calls
        self._site = site
        self._intents = intents
        self._stepping = stepping

    async def campaign(self, campaign: str) -> Campaign:
        """A campaign in which is dialled (`NoSuchCampaign`)."""
        found = await self._site.campaign(campaign)
        if found is None or not found.active:
            raise NoSuchCampaign(f"there is no active campaign {campaign!r}", campaign=campaign)
        return found

    async def look_into(self, request: DialRequest, campaign: Campaign, session: AgentSession) -> Intent:
        """Read what has to be known for it (`NoSuchLead`, `InvalidInput`, `InvalidState`)."""
        intent = await self._intents.look_into(request, campaign)
        if intent.asterisk != session.asterisk:
            raise InvalidState(f"trunk {intent.trunk.name} is not on the agent's Asterisk")
        return intent

    async def judge(self, turn: Turn, intent: Intent) -> Permit | Refusal:
        """Ask the gate."""
        return await self._intents.judge(turn, intent, Purpose.MANUAL)

    async def later(self, conn: Connection, intent: Intent, now: datetime) -> Refusal | None:
        """The refusal, if the gate would say that a lead may be dialled another time, and not now."""
        refusal = await self._intents.foresee(conn, intent, Purpose.MANUAL, now)
        return refusal if refusal is not None and refusal.rule in PASSING else None

    async def refuse(self, turn: Turn, intent: Intent, user: str, refusal: Refusal) -> str:
        """Write down that the gate has refused it; the status that says so."""
        call = await self._intents.call(turn, intent, CallKind.MANUAL)
        forbid = forbidden(refusal, turn.at)
        await self._calls.refuse(turn, msgspec.structs.replace(call, user=user), forbid)
        return forbid.network_status

    async def place(
        self, turn: Turn, session: AgentSession, intent: Intent, permit: Permit, *, from_ready: bool
    ) -> Call:
        """Place it out of her room; her session is locked in this turn.

        Raises:
            NotPaused: she is not free; `from_ready`: nor waiting.
            NoSuchPhone, DialRefused, UserLimited: she is on hook, and her phone may not be rung.
            AsteriskUnavailable: there is no link now.
        """
        self._calls.check_link(intent.asterisk)
        return await self.ring(turn, session, intent, permit, from_ready=from_ready)

    async def ring(
        self, turn: Turn, session: AgentSession, intent: Intent, permit: Permit, *, from_ready: bool
    ) -> Call:
        """The same for who has looked whether there is a link."""
        phone = await self._intents.phone(turn, session.phone, intent=intent) if session.on_hook else None
        call = await self._intents.call(turn, intent, CallKind.MANUAL)
        dial = signals.Dial(at=turn.at, call_id=call.id, lead_id=call.lead_id, from_ready=from_ready)
        hers = _for_agent(call, session)
        placed = await self._calls.place(turn, hers, permit, intent.campaign.dial_timeout, phone)
        await self._stepping.step(turn, session, dial)  # behind it, so that the Originate is sent first
        return placed


def _for_agent(call: Call, session: AgentSession) -> Call:
    return msgspec.structs.replace(
        call,
        user=session.user,
        session_id=session.id,
        room=session.room,
        room_channel=room_half(call.id),
        extension=session.phone if session.on_hook else call.extension,
    )
