"""Who has answered an automatic call, and what recorded messages it hears."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select

from bridge.agi.desk import AnswerDecision, ScreenDecision
from bridge.calls import news, queries
from bridge.calls.model import LIVE, AnsweredBy, Call, CallKind
from bridge.calls.service import Calls
from bridge.calls.signals import HangupAsked, Screened
from bridge.campaigns.messages import AmdAction
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.leads.service import Leads
from bridge.store.database import Database
from bridge.store.prepared import Prepared
from bridge.store.schema import calls
from bridge.turn import Turn, Turns

_UNSURE: Final = "INITIALSILENCE"
"""Cause with which AMD() calls whoever says nothing at first a machine: a person may, too."""
_UNANSWERED = Prepared(
    select(calls.c.id).where(
        calls.c.e164 == bindparam("number"),
        calls.c.sent_at.is_not(None),
        calls.c.kind == CallKind.AUTO.value,
        calls.c.disposed_at.is_(None),
        calls.c.answered_at.is_(None),
        calls.c.ended_at.is_(None),
    )
)


def machine_of(status: str, cause: str) -> bool:
    """Whether AMDSTATUS and AMDCAUSE say that it is surely a machine."""
    return status == "MACHINE" and not cause.startswith(_UNSURE)


def reported(decision: str, status: str, cause: str) -> str:
    """What answered, as the dialplan's report of a call's end tells it; empty for a person.

    Args:
        decision: BRIDGE_DECISION, by which it acted.
        status: AMDSTATUS.
        cause: AMDCAUSE.
    """
    if decision in _BY_DECISION:
        return _BY_DECISION[decision]
    return status if status == "FAX" or machine_of(status, cause) else ""


_BY_DECISION: Final = {
    "machine": "MACHINE",
    "message": "MESSAGE",
    "played": "PLAYED",
    **dict.fromkeys(("room", "wait", "drop"), ""),  # taken for a person
}


def abandoned(campaign: Campaign) -> AnswerDecision:
    """What a customer hears for whom no agent is there in time."""
    message = campaign.may_play(campaign.abandon_message)
    return AnswerDecision.drop(message, campaign.opt_out_key if message else "")


class Screening:
    """Takes what the dialplan has found out."""

    def __init__(self, db: Database, calls_: Calls, site: Site, leads: Leads) -> None:
        self._db = db
        self._turns = Turns(db)
        self._calls = calls_
        self._site = site
        self._leads = leads

    def wanted(self, call: Call, campaign: Campaign) -> bool:
        """Whether it is to be found out who has answered."""
        unknown = call.answered_by is AnsweredBy.UNKNOWN and not call.session_id
        return campaign.amd and unknown and call.kind is CallKind.AUTO

    async def screened(self, call_id: str, status: str, cause: str) -> ScreenDecision:
        """See `bridge.agi.desk.CallDesk.call_screened`."""
        by = AnsweredBy.MACHINE if machine_of(status, cause) else AnsweredBy.PERSON

        async def work(turn: Turn) -> Call | None:
            call = await queries.locked(turn.tx.conn, call_id)
            if call is None or call.state not in LIVE:
                return None
            if call.answered_by is not AnsweredBy.UNKNOWN:  # asked again
                return call
            return await self._calls.signal(turn, call_id, Screened(at=turn.at, answered_by=by))

        call = await self._turns.run_all(work)
        if call is None:
            return ScreenDecision("drop")
        if call.answered_by is not AnsweredBy.MACHINE:
            return ScreenDecision("ask")
        return await self._machine(call)

    async def _machine(self, call: Call) -> ScreenDecision:
        campaign = await self._site.campaign(call.campaign) or Campaign(id="NONE")
        message = campaign.may_play(campaign.machine_message)
        if campaign.amd_action is not AmdAction.MESSAGE or not message:
            return ScreenDecision("machine")
        return ScreenDecision("message", message, campaign.opt_out_key)

    async def opt_out(self, call_id: str, key: str = "") -> None:
        """Forbid the number of a call to everybody, and end what is just ringing there.

        A dial that is being planned reads the list in the transaction that writes its call.

        Args:
            call_id: the call, to or from her.
            key: what she has pressed; empty: she has called a number that is there for it.

        Raises:
            InvalidLead: the number is not known.
        """
        how = f"key {key} in call {call_id}" if key else f"called back, call {call_id}"

        async def work(turn: Turn) -> None:
            call = await queries.locked(turn.tx.conn, call_id)
            if call is None:
                return
            number = call.e164 or self._leads.e164(call.number)
            if await self._leads.add_dnc_in(turn.tx, number, by=how):
                told = news.opted_out(call, turn.at, key)
                turn.tx.emit(told.event, at=told.at)
            for other in list((await turn.tx.conn.execute(_UNANSWERED, {"number": number})).scalars()):
                await self._calls.signal(turn, other, HangupAsked(at=turn.at))

        await self._turns.run_all(work)
