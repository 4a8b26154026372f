"""Commands to calls, as the APIs give them."""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import Awaitable, Sequence
from contextlib import aclosing, suppress
from typing import Final, TypeVar

import msgspec

from bridge.ami.errors import ActionRefused, AmiError
from bridge.calls import news, queries, verdicts
from bridge.calls.asterisk import Extension
from bridge.calls.errors import Refused
from bridge.calls.intent import Intent
from bridge.calls.intents import Intents
from bridge.calls.model import LIVE, Call, CallKind, CallState
from bridge.calls.refusals import forbidden, refused
from bridge.calls.service import Calls
from bridge.calls.signals import AgentStatus
from bridge.campaigns.service import Site
from bridge.delivery.model import Delivery
from bridge.delivery.service import Deliveries
from bridge.errors import (
    AsteriskRefused,
    AsteriskUnavailable,
    InvalidState,
    NoSuchCall,
    NoSuchCampaign,
)
from bridge.events.catalogue import CallAnswered, CallBridged, CallDisposed, CallEnded
from bridge.events.envelope import EventRecord
from bridge.events.filters import Filter
from bridge.events.log import EventLog
from bridge.leads import callbacks
from bridge.rules import Permit, Purpose, Refusal
from bridge.services import CallQuery, DialRequest
from bridge.store.database import Database
from bridge.turn import Turn, Turns

_DECIDED: Final = tuple(kind.type for kind in (CallAnswered, CallBridged, CallEnded, CallDisposed))
"""Events after which whoever waits for a call knows what became of it."""

T = TypeVar("T")


class CallCommands:
    """What callers of the APIs can do with calls. A call is named by any of its ids."""

    def __init__(self, db: Database, calls: Calls, site: Site, intents: Intents, log: EventLog) -> None:
        self._db = db
        self._turns = Turns(db)
        self._calls = calls
        self._site = site
        self._intents = intents
        self._log = log
        self._deliveries = Deliveries(db)

    async def dial(self, request: DialRequest) -> Call:
        """Place a call that meets its agent when it is answered, or one for an extension that is rung first.

        Raises:
            NoSuchCampaign, NoSuchLead, NoSuchPhone, InvalidInput, InvalidState: nothing was written.
            DialRefused, UserLimited: the gate said no; the refused call is on record.
            AsteriskUnavailable: nothing was sent.
            OriginateUnknown: the link was lost in mid action.
        """
        if known := await self._calls.placed(request.call_id):
            return known
        campaign = await self._site.campaign(request.campaign)
        if campaign is None or not campaign.active:
            raise NoSuchCampaign(
                f"there is no active campaign {request.campaign!r}", campaign=request.campaign
            )
        intent = await self._intents.look_into(request, campaign)
        self._calls.check_link(intent.asterisk)
        kind, purpose = (
            (CallKind.CLICK, Purpose.MANUAL) if request.extension else (CallKind.AUTO, Purpose.AUTO)
        )

        async def work(turn: Turn) -> Call | Refusal:
            extension = await self._extension(turn, intent)
            verdict = await self._intents.judge(turn, intent, purpose)
            call = await self._intents.call(turn, intent, kind)
            if isinstance(verdict, Permit):
                return await self._calls.place(turn, call, verdict, campaign.dial_timeout, extension)
            await self._calls.refuse(turn, call, forbidden(verdict, turn.at))
            return verdict

        return accepted(await self._turns.run(work))

    async def _extension(self, turn: Turn, intent: Intent) -> Extension | None:
        """The phone that is rung first, if one is named."""
        request = intent.request
        if not request.extension:
            return None
        return await self._intents.phone(turn, request.extension, request.extension_seconds, intent)

    async def hangup(self, call_id: str, *, asked_by: str) -> Call:
        """End a call (`NoSuchCall`; `InvalidState` if it is over)."""
        del asked_by  # in the audit trail of the API
        call = await self._named(call_id)
        return await translated(self._calls.hangup(call.id))

    async def dispose(self, call_id: str, status: str, *, asked_by: str) -> Call:
        """Give a call's disposition (`NoSuchCall`; `InvalidState` if it has one).

        A callback that was promised with another disposition is taken back.
        """
        del asked_by
        named = await self._named(call_id)

        async def work(turn: Turn) -> Call:
            call = await self._calls.signal(turn, named.id, AgentStatus(at=turn.at, status=status))
            await callbacks.drop(turn.tx, call.id)
            return call

        return await translated(self._turns.run(work))

    async def correct(self, call_id: str, status: str) -> str | None:
        """Put another disposition of a call that is over on record; its lead keeps its status.

        Returns:
            The one before; `None` if the call is gone, or not over yet.
        """
        named = await self._named(call_id)

        async def work(turn: Turn) -> str | None:
            call = await queries.locked(turn.tx.conn, named.id)
            if call is None or call.state is not CallState.DISPOSED:
                return None
            if call.status != status:
                new = msgspec.structs.replace(call, status=status)
                await queries.save(turn.tx.conn, new, call)
                turn.tx.emit(news.corrected(new, turn.at, call.status).event)
            return call.status

        return await self._turns.run(work)

    async def get(self, call_id: str) -> Call | None:
        """The call, by any of its ids."""
        async with self._db.read() as conn:
            return await queries.find(conn, call_id)

    async def wait(self, call_id: str, seconds: float) -> Call:
        """The call once it is answered or over; as it is then, if that is not within so many seconds.

        Raises:
            NoSuchCall: there is none.
        """
        begun = (await self._log.span()).newest  # before the look: what comes after it wakes us
        call = await self._named(call_id)
        wanted = Filter(types=_DECIDED, subjects=(f"calls/{call.id}",))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), aclosing(self._log.follow(begun, wanted)) as pages:
                while call.answered_at is None and call.state in LIVE:
                    while not (await anext(pages)).records:
                        pass
                    call = await self._named(call.id)
        return await self._named(call.id)

    async def list(self, query: CallQuery) -> Sequence[Call]:
        """A page of calls, newest first."""
        async with self._db.read() as conn:
            return await queries.recent(conn, query)

    async def timeline(self, call_id: str) -> builtins.list[EventRecord]:
        """What happened to a call, oldest first."""
        return await self._log.timeline(f"calls/{call_id}")

    async def deliveries(self, call_id: str) -> builtins.list[Delivery]:
        """What the CRM was told of it, or is to be, in its order."""
        return await self._deliveries.of_call(call_id)

    async def verdict(self, call_id: str) -> verdicts.Verdict | None:
        """What the gate has said of it at the moment of dialling, by the call's own id."""
        async with self._db.read() as conn:
            return await verdicts.of_call(conn, call_id)

    async def _named(self, call_id: str) -> Call:
        call = await self.get(call_id)
        if call is None:
            raise NoSuchCall(f"there is no call {call_id!r}", call=call_id)
        return call


def accepted(outcome: T | Refusal) -> T:
    """What was done, or the refusal as an error.

    Raises:
        DialRefused, UserLimited: the gate said no.
    """
    if isinstance(outcome, Refusal):
        raise refused(outcome.rule, outcome.why, outcome.source)
    return outcome


async def translated(command: Awaitable[Call]) -> Call:
    """Run a command to a call, with its refusal as an error of the APIs.

    Raises:
        InvalidState: the call does not take it now.
        AsteriskRefused: it is written down, and Asterisk will not do it.
        AsteriskUnavailable: it is written down, and done when Asterisk is back.
    """
    try:
        return await command
    except ActionRefused as error:
        raise AsteriskRefused(f"Asterisk would not do it: {error.message}") from error
    except AmiError as error:
        raise AsteriskUnavailable("Asterisk cannot be reached; it is done as soon as it can be") from error
    except Refused as error:
        raise InvalidState(str(error), state=error.state, reason=error.reason) from error
