"""The command that looks at what is going on at this moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from bridge.admin.command import Parts, Reading
from bridge.agents import queries as session_queries
from bridge.agents.model import AgentSession
from bridge.calls import holds
from bridge.calls import queries as call_queries
from bridge.calls.model import LIVE, Call
from bridge.campaigns.model import Campaign
from bridge.dialer.model import HopperStatus
from bridge.metrics import queries as figures
from bridge.rules import Purpose, stopped


class AgentNow(msgspec.Struct, frozen=True, kw_only=True):
    """An agent who is logged in."""

    agent: str
    state: str
    since: datetime
    campaign: str
    phone: str
    pause_reason: str
    """Of a pause; else empty."""
    number: str
    """Of her call that is not over; else empty."""
    call_id: str

    @classmethod
    def of(cls, session: AgentSession, calls: Mapping[str, Call]) -> AgentNow:
        """Of her session, with the call in it."""
        call = calls.get(session.call_id or "")
        return cls(
            agent=session.user,
            state=session.state,
            since=session.state_since,
            campaign=session.campaign,
            phone=session.phone,
            pause_reason=session.pause_reason if session.state == "paused" else "",
            number=call.number if call else "",
            call_id=session.call_id or "",
        )


class CallNow(msgspec.Struct, frozen=True, kw_only=True):
    """A call in progress."""

    id: str
    state: str
    since: datetime
    """Since when it is in this state."""
    kind: str
    number: str
    agent: str
    campaign: str
    queue: str
    lead_id: int | None

    @classmethod
    def of(cls, call: Call) -> CallNow:
        """What there is to see of it."""
        return cls(
            id=call.id,
            state=call.state,
            since=_since(call),
            kind=call.kind,
            number=call.number,
            agent=call.user,
            campaign=call.campaign,
            queue=call.queue,
            lead_id=call.lead_id,
        )


class CampaignNow(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign of the site."""

    campaign: str
    active: bool
    dial_method: str
    dial_level: float
    agents: Mapping[str, int]
    """How many are in which state."""
    calls: int
    """In progress."""
    hopper: Mapping[str, int]
    """Leads of its hopper by status (`READY`, `QUEUE`, `HOLD`)."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What is going on at one moment."""

    at: datetime
    agents: Sequence[AgentNow]
    calls: Sequence[CallNow]
    campaigns: Sequence[CampaignNow]
    held: str = ""
    """Why nobody is called, whoever asks; empty: dialling is not held."""


class ShowNow(Reading[Picture], frozen=True, kw_only=True):
    """Look at agents, calls and campaigns: all, or what is of one agent, one campaign, or one call."""

    often: ClassVar[bool] = True

    agent: str = ""
    campaign: str = ""
    call: str = ""

    async def do(self, parts: Parts) -> Picture:
        """See `Command`."""
        campaigns = await parts.site.list(Campaign)
        async with parts.db.read(snapshot=True) as conn:
            sessions = await session_queries.open_sessions(conn)
            calls = [call for call in await call_queries.open_calls(conn) if call.state in LIVE]
            hopper = await figures.hopper_leads(conn)
            held = stopped(Purpose.AUTO, await holds.standing(conn))
        seated = [one for one in sessions if self._shows_agent(one)]
        live = [call for call in calls if self._shows_call(call)]
        known = {call.id: call for call in calls}
        return Picture(
            at=datetime.now(UTC),
            agents=[AgentNow.of(one, known) for one in seated],
            calls=[CallNow.of(call) for call in live],
            campaigns=[
                _campaign(one, sessions, calls, hopper)
                for one in campaigns
                if self._shows_campaign(one, seated, live)
            ],
            held=held.why if held else "",
        )

    def _shows_agent(self, one: AgentSession) -> bool:
        return (
            self.agent in ("", one.user)
            and self.campaign in ("", one.campaign)
            and self.call in ("", one.call_id)
        )

    def _shows_call(self, call: Call) -> bool:
        return (
            self.agent in ("", call.user)
            and self.campaign in ("", call.campaign)
            and self.call in ("", call.id)
        )

    def _shows_campaign(self, one: Campaign, seated: Sequence[AgentSession], live: Sequence[Call]) -> bool:
        if not (self.agent or self.call):
            return self.campaign in ("", one.id)
        return one.id in {session.campaign for session in seated} | {call.campaign for call in live}


def _campaign(
    one: Campaign,
    sessions: Sequence[AgentSession],
    calls: Sequence[Call],
    hopper: Mapping[tuple[str, ...], int],
) -> CampaignNow:
    states = Counter(str(session.state) for session in sessions if session.campaign == one.id)
    return CampaignNow(
        campaign=one.id,
        active=one.active,
        dial_method=one.dial_method,
        dial_level=one.dial_level,
        agents=states,
        calls=sum(call.campaign == one.id for call in calls),
        hopper={str(status): hopper.get((one.id, str(status)), 0) for status in HopperStatus},
    )


def _since(call: Call) -> datetime:
    """The last thing that has happened to a call which is not over."""
    times = (
        call.asked_at,
        call.sent_at,
        call.dialing_at,
        call.ringing_at,
        call.answered_at,
        call.bridged_at,
    )
    return max(time for time in times if time is not None)
