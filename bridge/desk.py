"""What the AGI scripts are told: the desk between the dialplan and calls and agents.

Idempotent by call id or by the channel's unique id: the relay may ask twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog

from bridge.agents import queries as session_queries
from bridge.agents.errors import Refused as AgentRefused
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.service import Sessions
from bridge.agents.signals import Offer
from bridge.agi.desk import (
    ANSWER_PATIENCE,
    AnswerDecision,
    CallReport,
    CallStart,
    InboundCall,
    InboundDecision,
    OfferDecision,
    ScreenDecision,
    StartDecision,
)
from bridge.calls import queries as call_queries
from bridge.calls.errors import Refused as CallRefused
from bridge.calls.intent import SiteRules
from bridge.calls.intents import KEPT, Intents
from bridge.calls.model import LIVE, Call, CallKind
from bridge.calls.refusals import forbidden
from bridge.calls.screening import Screening, abandoned, reported
from bridge.calls.service import Calls
from bridge.calls.signals import Answered, Assign, Report
from bridge.campaigns.model import Campaign, Did
from bridge.campaigns.service import Site
from bridge.errors import BridgeError
from bridge.ids import is_uuid7, legacy_uniqueid, uuid7
from bridge.leads.errors import InvalidLead
from bridge.leads.service import Leads
from bridge.locks import KeyedLocks
from bridge.rules import Permit, Purpose
from bridge.services import DialRequest
from bridge.store.database import Database
from bridge.store.exclusive import exclusive
from bridge.turn import Turn, Turns

OUTBOUND_CAMPAIGN: Final = "default"
"""Campaign of calls that are dialled on a phone nobody is logged in with."""

HELD: Final = 0.75
"""Part of an asker's patience for which an answered call's question is held; then it is to be put again. The
rest is for the answer's way: an agent who is taken later would be taken for a call that was dropped."""

_log = structlog.get_logger(__name__)


class Desk:
    """The bridge, as the scripts of one Asterisk see it: `bridge.agi.desk.CallDesk`."""

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        db: Database,
        *,
        calls: Calls,
        sessions: Sessions,
        site: Site,
        leads: Leads,
        intents: Intents,
        rules: SiteRules,
        asterisk: str,
    ) -> None:
        self._db = db
        self._asterisk = asterisk
        self._turns = Turns(db)
        self._calls = calls
        self._sessions = sessions
        self._site = site
        self._leads = leads
        self._intents = intents
        self._rules = rules
        self._screening = Screening(db, calls, site, leads)
        self._ready = asyncio.Event()
        self._asked = KeyedLocks()
        """By a channel's unique id: a question that comes again while the first is being answered waits."""
        sessions.on_ready(self._wake)

    # -- a call that begins in the dialplan

    async def call_start(self, start: CallStart) -> StartDecision:
        """May this call leave, and how?"""
        async with self._asked.hold(start.unique_id):
            return await self._call_start(start)

    async def _call_start(self, start: CallStart) -> StartDecision:
        known = await self._on_channel(start.unique_id)
        if known is not None:
            return await self._again(known, start)
        session = await self._session_of_phone(start.phone)
        campaign = await self._site.campaign(session.campaign if session else OUTBOUND_CAMPAIGN)
        if campaign is None or not campaign.active:
            return StartDecision.refuse("no_campaign")
        try:
            return await self._start(start, campaign, session)
        except BridgeError as error:
            return StartDecision.refuse(error.error_id)

    async def _again(self, known: Call, start: CallStart) -> StartDecision:
        """The same question once more. For any other call the channel is not free: no permit was given."""
        same = known.kind is CallKind.DIALPLAN and known.number == start.number[:KEPT]
        if same and known.state in LIVE and not known.hangup_asked_at:
            return await self._allow(known)
        return StartDecision.refuse("channel_has_a_call", known.id)

    async def _start(
        self, start: CallStart, campaign: Campaign, session: AgentSession | None
    ) -> StartDecision:
        request = DialRequest(number=start.number, search=True, asked_by=session.user if session else "")
        intent = await self._intents.look_into(request, campaign)
        if intent.asterisk != self._asterisk:
            return StartDecision.refuse("trunk_elsewhere")

        async def work(turn: Turn) -> StartDecision:
            known = await self._written_meanwhile(turn, start.unique_id)
            if known is not None:
                return await self._again(known, start)
            verdict = await self._intents.judge(turn, intent, Purpose.MANUAL)
            call = await self._intents.call(turn, intent, CallKind.DIALPLAN)
            if not isinstance(verdict, Permit):
                await self._calls.refuse(turn, call, forbidden(verdict, turn.at))
                return StartDecision.refuse(verdict.rule, call.id)
            verdict.check(call.dial, turn.at)
            await self._calls.arrive(turn, call, start.unique_id, verdict)
            return await self._allow(call)

        return await self._turns.run(work)

    async def _allow(self, call: Call) -> StartDecision:
        campaign = await self._site.campaign(call.campaign) or Campaign(id="NONE")
        return StartDecision.allow(call.id, call.dial, call.caller_id, campaign.dial_timeout)

    # -- a call that was dialled alone

    async def call_answered(
        self, call_id: str, channel: str, patience: float = ANSWER_PATIENCE
    ) -> AnswerDecision:
        """Give an answered call to the agent who has been ready longest, or to the next who is, in time."""
        del channel
        loop = asyncio.get_running_loop()
        given_up = loop.time() + patience
        call = await self._answered(call_id)
        if call is None or call.state not in LIVE:
            return AnswerDecision.drop()
        campaign = await self._site.campaign(call.campaign) or Campaign(id="NONE")
        if self._screening.wanted(call, campaign):
            return AnswerDecision.detect(campaign.amd_seconds)
        left = campaign.drop_seconds - _seconds_since(call.answered_at)
        held = min(left, HELD * patience)
        try:
            room = await self._agent_for(call, loop.time() + held, given_up)
        except CallRefused:  # it has ended, or is to end
            return abandoned(campaign)
        if room:
            return AnswerDecision.join(room)
        return AnswerDecision.wait_for(0) if left > held else abandoned(campaign)

    async def call_screened(self, call_id: str, amd_status: str, amd_cause: str) -> ScreenDecision:
        """Who has answered, as far as the dialplan could find out."""
        return await self._screening.screened(call_id, amd_status, amd_cause)

    async def opt_out(self, call_id: str, key: str) -> None:
        """Whoever heard a recorded message forbids further calls."""
        await self._screening.opt_out(call_id, key)

    async def _answered(self, call_id: str) -> Call | None:
        """The call; that it was answered is learnt from the question, if no event of Asterisk has told it."""
        call = await self._found(call_id)
        if call is None or call.answered_at is not None or call.state not in LIVE:
            return call
        return await self._turns.run_all(lambda turn: self._calls.signal(turn, call_id, Answered(at=turn.at)))

    async def _agent_for(self, call: Call, deadline: float, given_up: float) -> str:
        """The room of the agent who was taken for the call, or '' if none became ready in time.

        Nobody is taken once the asker has given up, however long the store made us wait.
        """
        loop = asyncio.get_running_loop()

        async def work(turn: Turn) -> str:
            return await self._take_longest_ready(turn, call.id) if loop.time() < given_up else ""

        while True:
            ready = self._ready  # of before the look: whoever becomes ready after it wakes us
            # Asterisk need not be told at once: she is taken, and the dialplan can send the customer to her.
            room = await self._turns.run_all(work)
            if room:
                return room
            try:
                # Only the waiting has a limit: an agent who was taken is never lost to it.
                async with asyncio.timeout_at(deadline):
                    await ready.wait()
            except TimeoutError:
                return ""

    async def _take_longest_ready(self, turn: Turn, call_id: str) -> str:
        call = await call_queries.locked(turn.tx.conn, call_id)
        if call is None:
            return ""
        if call.session_id:  # asked before
            return call.room
        session = await session_queries.longest_ready(turn.tx.conn, call.asterisk, call.campaign)
        return "" if session is None else await self._give(turn, call, session, call.channel or call.id)

    async def _give(self, turn: Turn, call: Call, session: AgentSession, channel: str) -> str:
        """Assign the call and take the agent, in one transaction; her room, where this channel will sit."""
        assign = Assign(
            at=turn.at,
            session_id=session.id,
            user=session.user,
            room=session.room,
            room_channel=channel,
            extension=session.phone if session.on_hook else "",
        )
        await self._calls.signal(turn, call.id, assign)
        offer = Offer(at=turn.at, call_id=call.id, lead_id=call.lead_id)
        await self._sessions.signal(turn, session, offer)
        return session.room

    def _wake(self) -> None:
        self._ready.set()
        self._ready = asyncio.Event()

    # -- inbound

    async def inbound(self, call: InboundCall) -> InboundDecision:
        """Find the lead by the caller's number, and the queue by the number that was called."""
        did = await self._site.did(call.did)
        async with self._asked.hold(call.unique_id):
            decision = await self._inbound(call, did)
        return await self._heard_first(decision, did) if did is not None and did.active else decision

    async def _heard_first(self, decision: InboundDecision, did: Did) -> InboundDecision:
        """What a caller hears before she waits, and whether she is to wait at all."""
        if not did.opt_out:
            return replace(decision, message=did.opt_out_sound, key=did.opt_out_key)
        try:
            await self._screening.opt_out(decision.call_id)
        except InvalidLead:  # withheld: a person may ask her which number she means
            return decision
        return replace(decision, opted_out=True)

    async def _inbound(self, call: InboundCall, did: Did | None) -> InboundDecision:
        queue, campaign = (did.queue, did.campaign) if did is not None and did.active else ("", "")
        known = await self._on_channel(call.unique_id)
        if known is not None:  # she may wait where the relay has put her, which is not where she belongs
            return InboundDecision(queue=queue or known.queue, call_id=known.id, lead_id=known.lead_id)
        leads = await self._leads.by_number(call.caller_number, limit=1) if call.caller_number else []
        lead_id = leads[0].id if leads else None

        async def work(turn: Turn) -> InboundDecision:
            known = await self._written_meanwhile(turn, call.unique_id)
            if known is not None:
                return InboundDecision(queue=queue, call_id=known.id, lead_id=known.lead_id)
            settings = await self._site.campaign(campaign) if campaign else None
            local = turn.at.astimezone(self._rules.timezone)
            arrived = Call(
                id=uuid7(),
                legacy_id=await call_queries.free_legacy_id(turn.tx.conn, CallKind.INBOUND, local, lead_id),
                legacy_uniqueid=legacy_uniqueid(turn.at),
                kind=CallKind.INBOUND,
                asterisk=self._asterisk,
                campaign=campaign,
                number=_digits(call.caller_number),
                queue=queue,
                did=_digits(call.did) if did is None else did.number,
                lead_id=lead_id,
                channel=call.unique_id,
                wrapup_seconds=settings.wrapup_seconds if settings else 0,
                default_status=settings.default_status if settings else "",
                asked_at=turn.at,
            )
            await self._calls.arrive(turn, arrived, call.unique_id)
            return InboundDecision(queue=queue, call_id=arrived.id, lead_id=lead_id)

        return await self._turns.run(work)

    async def agent_offer(self, member: str, call_id: str, channel: str, queue: str) -> OfferDecision:
        """Take the agent for this call, or answer busy so that the queue tries the next."""
        del queue

        async def work(turn: Turn) -> OfferDecision:
            call = await call_queries.locked(turn.tx.conn, call_id)
            if call is None:
                return OfferDecision.busy("unknown")
            session = await session_queries.of_room_locked(turn.tx.conn, call.asterisk, member)
            if session is None:
                return OfferDecision.busy("unknown")
            phone = await self._phone_of(turn, session) if session.on_hook else ""
            self._calls.offer(turn, call, channel)
            if session.call_id == call_id and session.state is AgentState.OFFERED:
                return OfferDecision.take(session.room, phone)
            if call.for_user not in ("", session.user):
                return OfferDecision.busy("unknown")
            return OfferDecision.take(await self._give(turn, call, session, channel), phone)

        try:
            return await self._turns.run_all(work)  # Asterisk need not be told at once: she is taken
        except (AgentRefused, CallRefused) as error:
            return OfferDecision.busy(error.reason)
        except BridgeError as error:
            return OfferDecision.busy(error.error_id)

    async def _phone_of(self, turn: Turn, session: AgentSession) -> str:
        """What rings the phone of an agent on hook (`NoSuchPhone`, `DialRefused`)."""
        return (await self._intents.phone(turn, session.phone)).dial

    # -- the end

    async def call_end(self, report: CallReport) -> None:
        """Take the dialplan's account of the end; a late copy changes nothing."""
        call_id = report.call_id
        if not is_uuid7(call_id):
            call = await self._found(call_id) if call_id else await self._on_channel(report.unique_id)
            call_id = "" if call is None else call.id
        ended = Report(at=datetime.now(UTC), cause=report.hangupcause or None, dial_status=report.dialstatus)
        dropped = report.decision == "drop"
        machine = reported(report.decision, report.amd_status, report.amd_cause)
        known = await self._calls.report(call_id, ended, machine=machine, dropped=dropped)
        if not known:
            _log.warning("a report of a call that is not known", call=report.call_id[:40])

    # -- inside

    async def _found(self, call_id: str) -> Call | None:
        async with self._db.read() as conn:
            return await call_queries.find(conn, call_id)

    async def _on_channel(self, unique_id: str) -> Call | None:
        async with self._db.read() as conn:
            return await call_queries.open_on_channel(conn, self._asterisk, unique_id)

    async def _written_meanwhile(self, turn: Turn, unique_id: str) -> Call | None:
        """The call on this channel, if another bridge was asked the same question and is writing it."""
        if not self._db.shared:
            return None
        await exclusive(turn.tx.conn, f"{self._asterisk} {unique_id}")
        return await call_queries.open_on_channel(turn.tx.conn, self._asterisk, unique_id)

    async def _session_of_phone(self, phone: str) -> AgentSession | None:
        if not phone:
            return None
        async with self._db.read() as conn:
            session = await session_queries.of_phone(conn, phone)
        return session if session is not None and session.asterisk == self._asterisk else None


def _seconds_since(moment: datetime | None) -> float:
    """Seconds that have passed since then: none if it is not known, or lies ahead (the clock was set)."""
    return 0.0 if moment is None else max(0.0, (datetime.now(UTC) - moment).total_seconds())


def _digits(number: str) -> str:
    """What of a number that the network has sent may be one."""
    return "".join(sign for sign in number if sign in "+0123456789")[:20]
