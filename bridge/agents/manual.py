"""Calls that an agent makes by hand: at once, after a look, or as soon as she is free."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import msgspec

from bridge.agents import news, queued, repeats, signals
from bridge.agents.model import AgentSession, Preview
from bridge.agents.passed_over import PassedOver
from bridge.agents.placing import Placing
from bridge.agents.stepping import Stepping
from bridge.agents.wish import Wish
from bridge.calls.commands import accepted
from bridge.calls.intent import Intent
from bridge.calls.refusals import OF_USERS
from bridge.campaigns.model import Campaign
from bridge.errors import (
    AlreadyQueued,
    InvalidState,
    NoLeadLeft,
    NoSuchLead,
    NotLoggedIn,
    NotPaused,
)
from bridge.leads import dialled
from bridge.leads import next as next_leads
from bridge.leads.next import NextLead
from bridge.leads.service import Leads
from bridge.rules import PASSING, Permit, Refusal, Rule
from bridge.services import Dialled, DialRequest, PreviewAction
from bridge.store.database import Database
from bridge.turn import Turn

MOST_TRIES: Final = 50
"""Leads that are tried one after the other, where the rules forbid one or others are quicker."""
LOOKED_THROUGH: Final = 1000
"""Leads that are looked at: those that may be dialled at another time are passed over, as they are."""

_NOT_FOR_USER: Final = (Rule.USER_COUNTRY, Rule.USER_NUMBER_TYPE)
"""Another API user may dial such a lead: it is passed over, as it is."""


class _Found(NamedTuple):
    """What may be dialled."""

    intent: Intent
    permit: Permit
    taken: str = ""
    """Status of a lead that was taken for her."""


class ManualDials:
    """What callers of the APIs can have dialled for agents; see `bridge.services.ManualDials`."""

    def __init__(self, db: Database, *, placing: Placing, leads: Leads, stepping: Stepping) -> None:
        self._db = db
        self._placing = placing
        self._leads = leads
        self._stepping = stepping
        self._turns = stepping.turns
        self._next_calls: dict[str, str] = {}
        """The call of each agent's last wish for the next lead: it tells a double click from a new wish."""

    async def ask(self, user: str, request: DialRequest, *, seen: AgentSession) -> Dialled:
        """Dial, show, or let wait, as the request and the agent's campaign have it."""
        async with self._stepping.hold(user):
            return await self.do(Wish(seen, await self._placing.campaign(seen.campaign), request))

    async def repeated(self, session: AgentSession, request: DialRequest) -> bool:
        """Whether the agent has asked for the same a moment ago, and it is her call now."""
        async with self._db.read() as conn:
            return (
                await repeats.find(conn, session, request, self._next_calls.get(session.user, "")) is not None
            )

    async def act(self, user: str, action: PreviewAction, *, asked_by: str) -> Dialled:
        """Do this with what she looks at; where she looks at nothing, nothing."""
        async with self._stepping.hold(user):
            session = await self._stepping.seated(user)
            if session.preview is None:
                return Dialled()
            if action not in ("SKIP", "FINISH"):
                return await self._dial_previewed(session, session.preview, action, asked_by)
            reason: Literal["skipped", "finished"] = "skipped" if action == "SKIP" else "finished"
            await self._stepping.run(user, lambda turn: signals.DropPreview(at=turn.at, reason=reason))
            if action == "SKIP" and session.preview.lead_status:
                return await self._show_next(session, asked_by)
            return Dialled()

    async def do(self, wish: Wish) -> Dialled:
        """Carry out a wish; the agent's commands are held (raises as `ask`)."""
        if wish.request.next_lead:
            return await self._next(wish)
        intent = await self._placing.look_into(wish.request, wish.campaign, wish.session)
        return accepted(await self._turns.run(lambda turn: self._one(turn, wish, intent)))

    # -- at once, or after a look

    async def _one(self, turn: Turn, wish: Wish, intent: Intent) -> Dialled | Refusal:
        """A number, or a lead that was named."""
        session = await self._locked(turn, wish)
        if known := await self._before(turn, wish, session):
            return known
        permit = await self._placing.judge(turn, intent)
        if not isinstance(permit, Permit):
            await self._placing.refuse(turn, intent, wish.session.user, permit)
            if wish.waited is not None:
                await queued.drop(turn.tx, session, wish.waited, permit.rule)
            return permit
        if not wish.can_begin(session):
            return await self._let_wait(turn, wish, session)
        return await self._begin(turn, wish, session, _Found(intent, permit))

    async def _before(self, turn: Turn, wish: Wish, session: AgentSession) -> Dialled | None:
        """What was asked for a moment ago is not done again; nothing is if she is not free."""
        if wish.waited is not None:
            if not wish.can_begin(session):
                raise NotPaused(agent=session.user, state=session.state)
            return None
        if not wish.from_preview:
            last = self._next_calls.get(session.user, "")
            known = await repeats.find(turn.tx.conn, session, wish.request, last)
            if known is not None:
                return Dialled(call=known)
        if not wish.can_begin(session) and not wish.queues:
            raise NotPaused(agent=session.user, state=session.state)
        return None

    async def _begin(self, turn: Turn, wish: Wish, session: AgentSession, found: _Found) -> Dialled:
        """Dial it, or show it."""
        if wish.request.preview:
            shown = _preview(wish.request, found.intent, found.taken)
            done = Dialled(preview=shown)
            await self._stepping.step(turn, session, signals.ShowPreview(at=turn.at, preview=shown))
        else:
            call = await self._placing.place(
                turn, session, found.intent, found.permit, from_ready=wish.queues
            )
            done = Dialled(call=call)
            if wish.request.next_lead:
                self._next_calls[session.user] = call.id
        await self._note(turn, wish, session, done)
        return done

    async def _note(self, turn: Turn, wish: Wish, session: AgentSession, done: Dialled) -> None:
        call_id = done.call.id if done.call else ""
        if wish.waited is not None and not await queued.dialled(turn.tx.conn, wish.waited, call_id, turn.at):
            raise InvalidState("it does not wait any more", agent=session.user)
        if wish.is_kept and not await queued.put(turn.tx, session, wish.request, call_id=call_id):
            raise AlreadyQueued(agent=session.user, number=wish.request.number)
        if wish.request.focus:
            turn.tx.emit(news.focused(session))

    async def _let_wait(self, turn: Turn, wish: Wish, session: AgentSession) -> Dialled:
        if not await queued.put(turn.tx, session, wish.request, call_id=None):
            raise AlreadyQueued(agent=session.user, number=wish.request.number)
        if wish.request.focus:
            turn.tx.emit(news.focused(session))
        return Dialled(queued=True)

    async def _locked(self, turn: Turn, wish: Wish) -> AgentSession:
        session = await self._stepping.locked(turn, wish.session.user)
        if session.id != wish.session.id:  # logged in anew, it may be for another campaign
            raise NotLoggedIn(agent=session.user)
        return session

    # -- the next lead

    async def _next(self, wish: Wish) -> Dialled:
        settled = await self._turns.run(lambda turn: self._first(turn, wish))
        if settled is not None:
            return settled
        tries, waiting = 0, PassedOver(LOOKED_THROUGH)
        async for lead in self._candidates(wish.campaign):
            intent = await self._its(wish, lead)
            if intent is None or waiting.takes(await self._later(intent)):
                continue
            done = await self._try(wish, lead, intent)
            if done is not None:
                return done
            tries += 1
            if tries == MOST_TRIES:
                break
        campaign = wish.campaign.id
        raise NoLeadLeft(f"no lead is left to dial in campaign {campaign}{waiting.told()}", campaign=campaign)

    async def _candidates(self, campaign: Campaign) -> AsyncIterator[NextLead]:
        """Leads in their order, `LOOKED_THROUGH` at most."""
        last = next_leads.FIRST
        for _ in range(LOOKED_THROUGH // next_leads.LOOKED_AT):
            async with self._db.read() as conn:
                now, statuses = datetime.now(UTC), campaign.dial_statuses
                found = await next_leads.candidates(conn, campaign.id, statuses, now, last)
            if not found:
                return
            for last in found:
                yield last

    async def _its(self, wish: Wish, lead: NextLead) -> Intent | None:
        """The wish for this lead; `None` if it is gone."""
        its = msgspec.structs.replace(wish.request, lead_id=lead.id, number="", phone_code="")
        try:
            return await self._placing.look_into(its, wish.campaign, wish.session)
        except NoSuchLead:
            return None

    async def _later(self, intent: Intent) -> Refusal | None:
        async with self._db.read() as conn:
            return await self._placing.later(conn, intent, datetime.now(UTC))

    async def _first(self, turn: Turn, wish: Wish) -> Dialled | None:
        """What there is to say before a lead is looked for."""
        session = await self._locked(turn, wish)
        if known := await self._before(turn, wish, session):
            return known
        return None if wish.can_begin(session) else await self._let_wait(turn, wish, session)

    async def _try(self, wish: Wish, lead: NextLead, intent: Intent) -> Dialled | None:
        """Dial or show this one, unless somebody else has it or the rules forbid it: that sets it aside."""

        async def work(turn: Turn) -> Dialled | Refusal | None:
            session = await self._locked(turn, wish)
            permit = await self._placing.judge(turn, intent)  # first: its lock comes before that of the lead
            if isinstance(permit, Refusal) and permit.rule in OF_USERS:  # the lead is not to blame
                return None if permit.rule in _NOT_FOR_USER else permit
            if isinstance(permit, Refusal) and permit.rule is Rule.HELD:
                return permit
            if isinstance(permit, Refusal) and permit.rule in PASSING:  # another time it may be dialled
                return None
            if not await next_leads.take(turn.tx.conn, lead, session.user, turn.at):
                return None
            if isinstance(permit, Permit):
                return await self._begin(turn, wish, session, _Found(intent, permit, lead.status))
            status = await self._placing.refuse(turn, intent, session.user, permit)
            await dialled.set_status(turn.tx.conn, lead.id, status, turn.at)
            return None

        return accepted(await self._turns.run(work))

    async def _show_next(self, session: AgentSession, asked_by: str) -> Dialled:
        """In place of one that was skipped; if none is left, she looks at nothing."""
        request = DialRequest(number="", next_lead=True, preview=True, asked_by=asked_by)
        campaign = await self._placing.campaign(session.campaign)
        try:
            return await self._next(Wish(session, campaign, request, from_preview=True))
        except NoLeadLeft:
            return Dialled()

    async def _dial_previewed(
        self, session: AgentSession, preview: Preview, action: PreviewAction, asked_by: str
    ) -> Dialled:
        request = DialRequest(
            number=await self._number(preview, action),
            phone_code=preview.phone_code,
            lead_id=preview.lead_id,
            caller_id=preview.caller_id,
            dial_prefix=preview.dial_prefix,
            queue=preview.queue,
            asked_by=asked_by,
        )
        campaign = await self._placing.campaign(session.campaign)
        return await self.do(Wish(session, campaign, request, from_preview=True))

    async def _number(self, preview: Preview, action: PreviewAction) -> str:
        if action == "DIALONLY":
            return preview.number
        lead = await self._leads.get(preview.lead_id or 0)
        stored = "" if lead is None else lead.alt_phone if action == "ALTDIAL" else lead.address3
        number = "".join(filter(str.isdigit, stored))
        if len(number) < 2:
            raise InvalidState("the lead has no such number")
        return number


def _preview(request: DialRequest, intent: Intent, taken: str) -> Preview:
    return Preview(
        number=intent.digits,
        phone_code=intent.code,
        lead_id=intent.lead_id,
        caller_id=request.caller_id,
        dial_prefix=request.dial_prefix,
        queue=request.queue,
        lead_status=taken,
    )
