"""One lead of the hopper on its way to a call.

In one transaction the gate is asked, the intent is written and the row is taken out of the hopper: whatever
ends before, the row is still there; whatever ends after, the call is, and it is never placed again.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto
from functools import partial
from typing import Final

import structlog

from bridge.agents.model import AgentSession
from bridge.agents.waiting import Waiting
from bridge.calls.intent import Intent
from bridge.calls.intents import Intents
from bridge.calls.model import Call, CallKind
from bridge.calls.refusals import forbidden
from bridge.calls.service import Calls
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.dialer import obstacles
from bridge.dialer.causes import Block
from bridge.dialer.hopper import Hopper
from bridge.dialer.model import Entry, HopperRow, Source
from bridge.dialer.numbers import MAIN, DialNumber
from bridge.errors import AsteriskUnavailable, OriginateRefused, OriginateUnknown
from bridge.events.catalogue import CampaignDncStale
from bridge.leads import dialled
from bridge.leads import queries as lead_queries
from bridge.leads.model import Lead, LeadList
from bridge.leads.service import Leads
from bridge.rules import OF_CAMPAIGN, PASSING, Permit, Purpose, Refusal, Rule
from bridge.services import DialRequest
from bridge.turn import Turn, Turns

HELD: Final = timedelta(hours=1)
"""For how long a lead is held at most: the hours may be changed meanwhile."""

_log = structlog.get_logger(__name__)


class Outcome(Enum):
    """What became of a row."""

    PLACED = auto()
    GONE = auto()
    """It is not dialled: refused, or no more to be dialled."""
    BACK = auto()
    """Asterisk did not take the call: the lead is in the hopper again."""
    STOPPED = auto()
    """The campaign may dial nobody now: the lead keeps its place."""


class Attempts:
    """Makes calls of the hopper's rows."""

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        turns: Turns,
        *,
        hopper: Hopper,
        calls_: Calls,
        intents: Intents,
        leads: Leads,
        site: Site,
        waiting: Waiting,
    ) -> None:
        """Take the parts; `turns` are those of who has the duty to dial."""
        self._turns = turns
        self._hopper = hopper
        self._calls = calls_
        self._intents = intents
        self._leads = leads
        self._site = site
        self._waiting = waiting
        self._said: dict[str, str] = {}
        """What was said of each campaign whose do-not-call lists are stale."""

    async def dial(self, row: HopperRow, campaign: Campaign, user: str = "") -> Outcome:
        """Call the lead of a row of `Hopper.ready` or `pull`, if it may be called.

        Args:
            row: of the hopper.
            campaign: that dials it.
            user: the agent on hook whose phone is rung first; empty: whoever is ready then.

        Raises:
            InvalidInput: the campaign has no active trunk.
            StoreError: nothing was written, or (`StoreInDoubt`) it is not known.
        """
        lead = await self._leads.get(row.lead_id)
        if lead is None:
            return await self._drop(row, "no_such_lead")
        found = await self._number(lead, row.alt)
        if found is None:
            return await self._drop(row, Block.NO_SUCH_NUMBER)
        request = DialRequest(
            number=found.number, phone_code=found.phone_code, lead_id=lead.id, campaign=campaign.id
        )
        intent = await self._intents.look_into(request, campaign, lead)
        if not user:
            return await self._place(row, campaign, intent, lead)
        async with self._waiting.hold(user):
            return await self._place(row, campaign, intent, lead, user)

    async def _place(
        self, row: HopperRow, campaign: Campaign, intent: Intent, lead: Lead, user: str = ""
    ) -> Outcome:
        of_list = await self._site.get(LeadList, str(lead.list_id))

        async def work(turn: Turn) -> Outcome:
            hers = await self._waiting.locked(turn, user, campaign.id, intent.asterisk) if user else None
            if not await self._stands(turn, row, for_her=bool(user), she=hers):
                return Outcome.GONE
            now = await lead_queries.locked(turn.tx.conn, row.lead_id)
            why = "no_such_lead" if now is None else await _obstacle(turn, row, campaign, now, of_list)
            if now is None or why:
                await self._hopper.drop(turn.tx, row, why)
                return Outcome.GONE
            verdict = await self._intents.judge(turn, intent, Purpose.AUTO)
            if isinstance(verdict, Refusal):
                return await self._refused(turn, row, intent, verdict)
            if hers is None:
                await self._begin(turn, row, intent, verdict, campaign)
            elif not await self._begin_with(turn, row, intent, verdict, hers):
                return Outcome.GONE
            if row.source is Source.RECYCLE:
                await dialled.recycle(turn.tx.conn, now)
            return Outcome.PLACED

        try:
            return await self._turns.run(work)
        except (AsteriskUnavailable, OriginateRefused) as error:
            _log.warning("Asterisk took no call of the dialler", campaign=campaign.id, error=str(error))
            await self._back(row, lead)
            return Outcome.BACK
        except OriginateUnknown as error:  # it may ring: what became of it is read back from Asterisk
            _log.warning("a call of the dialler is unknown", campaign=campaign.id, error=str(error))
            return Outcome.PLACED

    async def _stands(self, turn: Turn, row: HopperRow, *, for_her: bool, she: AgentSession | None) -> bool:
        """Whether row and agent are still there for each other; without her it is given back."""
        if not await self._hopper.unchanged(turn.tx, row):
            return False
        if for_her and she is None:
            await self._hopper.release(turn.tx, row)
            return False
        return True

    async def _begin(
        self, turn: Turn, row: HopperRow, intent: Intent, permit: Permit, campaign: Campaign
    ) -> Call:
        call = await self._intents.call(turn, intent, CallKind.AUTO)
        await self._hopper.done(turn.tx, row)
        return await self._calls.place(turn, call, permit, campaign.dial_timeout)

    async def _begin_with(
        self, turn: Turn, row: HopperRow, intent: Intent, permit: Permit, session: AgentSession
    ) -> bool:
        """Ring the agent's phone first; false if it cannot be: the lead keeps its place."""
        placed = await self._waiting.place(turn, session, intent, permit)
        await (self._hopper.done if placed else self._hopper.release)(turn.tx, row)
        return placed

    async def _refused(self, turn: Turn, row: HopperRow, intent: Intent, refusal: Refusal) -> Outcome:
        """A lead outside her hours waits; any other refusal is on record as a call, and in her status."""
        if refusal.rule in OF_CAMPAIGN:
            self._say_stale(turn, row.campaign, refusal)
            await self._hopper.release(turn.tx, row)
            return Outcome.STOPPED
        if refusal.rule in PASSING:
            latest = turn.at + HELD
            await self._hopper.hold(turn.tx, row, min(refusal.opens or latest, latest), refusal.rule)
            return Outcome.GONE
        await self._hopper.drop(turn.tx, row, refusal.rule)  # before the call: it may put her next number in
        call = await self._intents.call(turn, intent, CallKind.AUTO)
        forbid = forbidden(refusal, turn.at)
        await self._calls.refuse(turn, call, forbid)
        await dialled.set_status(turn.tx.conn, row.lead_id, forbid.network_status, turn.at)
        return Outcome.GONE

    def _say_stale(self, turn: Turn, campaign: str, refusal: Refusal) -> None:
        """Say once of a campaign that it does not dial for a list's sake."""
        if refusal.rule is Rule.DNC_STALE and self._said.get(campaign) != refusal.why:
            turn.tx.emit(CampaignDncStale(campaign=campaign, why=refusal.why))
            turn.tx.after_commit(partial(self._said.__setitem__, campaign, refusal.why))

    async def _back(self, row: HopperRow, lead: Lead) -> None:
        """Nobody was called: the lead is what it was, and in the hopper again with its priority."""
        entry = Entry(
            lead_id=row.lead_id,
            campaign=row.campaign,
            list_id=row.list_id,
            priority=row.priority,
            source=row.source,
            alt=row.alt,
        )

        async def work(turn: Turn) -> None:
            await dialled.did_not_go_out(turn.tx.conn, lead, turn.at)
            await self._hopper.insert(turn.tx, entry)

        await self._turns.run(work)

    async def _drop(self, row: HopperRow, why: str) -> Outcome:
        async def work(turn: Turn) -> None:
            if await self._hopper.unchanged(turn.tx, row):
                await self._hopper.drop(turn.tx, row, why)

        await self._turns.run(work)
        return Outcome.GONE

    async def _number(self, lead: Lead, alt: str) -> DialNumber | None:
        if not alt:
            return DialNumber(MAIN, lead.phone_number, lead.phone_code)
        return await self._hopper.number(lead, alt)


async def _obstacle(
    turn: Turn, row: HopperRow, campaign: Campaign, lead: Lead, of_list: LeadList | None
) -> str:
    """Why a lead is not to be dialled any more, whatever the gate says; empty: it is."""
    kept = obstacles.of_lead(lead, row.source, of_list, campaign, turn.at)
    if kept is None and row.source is Source.CALLBACK:
        kept = await obstacles.of_callback(turn.tx.conn, row.lead_id)
    kept = kept or await obstacles.of_calls(turn.tx.conn, row.lead_id)
    return kept.cause if kept else ""
