"""From a wish to call somebody to a call that may be dialled: lead, trunk, number, and the gate's word."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial

import msgspec

from bridge.audit.entry import here
from bridge.calls import history, holds, hours, known, queries
from bridge.calls.askers import asker
from bridge.calls.asterisk import ON_HOOK_SECONDS, Extension
from bridge.calls.intent import Intent, SiteRules
from bridge.calls.model import Call, CallKind
from bridge.calls.refusals import OnRefusal, refused
from bridge.campaigns.caller_id_group import CallerIdGroup
from bridge.campaigns.hours import Kept
from bridge.campaigns.model import Campaign, InGroup, Phone
from bridge.campaigns.service import Site
from bridge.dnc import queries as list_queries
from bridge.errors import InvalidInput, InvalidState, NoSuchLead, NoSuchPhone
from bridge.ids import legacy_uniqueid, uuid7
from bridge.leads.model import Customer, Lead, LeadList, NewLead
from bridge.leads.service import Leads
from bridge.rules import (
    Asker,
    Drops,
    Facts,
    Number,
    Permit,
    Purpose,
    Refusal,
    Rule,
    digits_before,
    may_dial,
    normalise,
    zones_of,
)
from bridge.services import DialRequest
from bridge.store.connection import Connection
from bridge.turn import Turn

SHORTEST_NUMBER = 7
"""Digits of the shortest number of the public network that a trunk would take."""
PASSED_STATUS = "XFER"
"""Disposition of a call that nobody disposes since its agent has passed the customer on."""
_PREFIX = re.compile(r"[0-9]{0,20}")
KEPT = 40
"""Characters of a number, as it was given, that a call keeps."""


class Intents:
    """Makes calls of wishes."""

    def __init__(
        self,
        site: Site,
        leads: Leads,
        rules: SiteRules,
        on_refusal: OnRefusal,
        drops: history.DropCounts | None = None,
    ) -> None:
        self._site = site
        self._leads = leads
        self._rules = rules
        self._on_refusal = on_refusal
        self._drops = drops or history.DropCounts()

    @property
    def asterisk(self) -> str:
        """Name of the Asterisk that a trunk or phone without one belongs to."""
        return self._rules.asterisk

    async def look_into(self, request: DialRequest, campaign: Campaign, lead: Lead | None = None) -> Intent:
        """Read what has to be known about the lead, the number and the trunk.

        Args:
            request: whom to call.
            campaign: for which.
            lead: that of the request, if it was just read.

        Raises:
            NoSuchLead: there is no lead with the id of the request.
            InvalidInput: the campaign has no trunk to dial out on; there is no such in-group; the prefix is
                none.
        """
        intent = await self.read(request, campaign, lead)
        here().on("campaign", campaign.id)
        here().on_number(intent.digits)
        return intent

    async def read(self, request: DialRequest, campaign: Campaign, lead: Lead | None = None) -> Intent:
        """The same where nobody asks for a call: it is not what the audit trail's row is about."""
        if not _PREFIX.fullmatch(request.dial_prefix):
            raise InvalidInput("a dial prefix is digits, 20 at most", field="dial_prefix")
        trunk = await self._site.trunk(campaign.trunk) if campaign.trunk else None
        if trunk is None or not trunk.active:
            raise InvalidInput(f"campaign {campaign.id} has no active trunk", field="campaign")
        asterisk = trunk.asterisk or self._rules.asterisk
        digits, code, customer = await self._number(request, lead)
        number = normalise(digits, code, self._rules.country)
        if customer.id is None and request.search:
            wanted = number.e164 if isinstance(number, Number) else digits
            customer = await self._leads.likeliest(wanted) or customer
        kept = (
            Kept()
            if isinstance(number, Refusal)
            else await hours.read(self._site, campaign, customer, number)
        )
        shown = request.caller_id or await self._of_queue(request)
        shown = shown or await self._shown(campaign, customer, number)
        return Intent(request, campaign, trunk, number, customer, kept, digits, asterisk, code, shown)

    async def judge(self, turn: Turn, intent: Intent, purpose: Purpose) -> Permit | Refusal:
        """Ask the gate, in the transaction that writes the call; a refusal may stop the API user after it."""
        if isinstance(intent.number, Refusal):
            return intent.number
        who = await self.asker(turn, intent.request.asked_by)
        conn, limits = turn.tx.conn, history.limits_of(intent.campaign)
        past = await history.attempts(conn, intent.number.e164, limits, purpose, turn.at)
        facts = await self._facts(conn, turn.at, intent, intent.number, purpose)
        facts = msgspec.structs.replace(facts, asker=who, attempts=past)
        verdict = may_dial(intent.number, purpose, turn.at, facts)
        if who is not None and isinstance(verdict, Refusal):
            number, request = intent.number.e164, intent.request
            chosen = request.lead_id is None and not request.next_lead
            turn.after(partial(self._on_refusal, who.user, verdict, number, chosen=chosen))
        return verdict

    async def foresee(
        self, conn: Connection, intent: Intent, purpose: Purpose, now: datetime
    ) -> Refusal | None:
        """What the gate would say now, whoever asks, to somebody who writes no call: a look, and no permit.

        Args:
            conn: any.
            intent: of `read` or `look_into`.
            purpose: why it would be dialled.
            now: the present time.
        """
        if isinstance(intent.number, Refusal):
            return intent.number
        limits = history.limits_of(intent.campaign)
        past = await history.attempts_seen(conn, intent.number.e164, limits, purpose, now)
        facts = await self._facts(conn, now, intent, intent.number, purpose)
        facts = msgspec.structs.replace(facts, attempts=past)
        verdict = may_dial(intent.number, purpose, now, facts)
        return verdict if isinstance(verdict, Refusal) else None

    async def asker(self, turn: Turn, user: str, *, counted: bool = True) -> Asker | None:
        """The API user who asks; see `bridge.calls.askers`."""
        return await asker(turn.tx.conn, user, self._rules.country, turn.at, counted=counted)

    async def _facts(
        self, conn: Connection, now: datetime, intent: Intent, number: Number, purpose: Purpose
    ) -> Facts:
        """Of the lead, its number and its campaign; who asks, and what was dialled before, come to it."""
        campaign, automatic = intent.campaign, purpose is Purpose.AUTO
        lists = await list_queries.holding(conn, campaign.id)
        return Facts(
            allowed_countries=self._rules.allowed_countries,
            holds=await holds.standing(conn),
            dnc=await known.dnc_hits(conn, self._leads, number, campaign, lists),
            dnc_lists=known.dnc_lists(lists),
            consent=campaign.consent,
            consents=await known.consents(conn, number, campaign),
            needed_lists=campaign.dnc_lists,
            dnc_days=self._rules.dnc_days,
            dial_prefix=digits_before(intent.trunk.before_number + intent.request.dial_prefix),
            asked_prefix=intent.request.dial_prefix,
            country=self._rules.country,
            dialled=self._for_trunk(number),
            hours=hours.that_hold(intent.hours, purpose),
            no_hours=intent.hours.missing,
            zones=zones_of(number, hours.home(intent.customer), now),
            limits=history.limits_of(campaign),
            drops=await self._drops.of(conn, campaign.id, now) if automatic else Drops(),
            drop_limit=campaign.drop_limit,
        )

    async def judge_phone(self, turn: Turn, phone: Phone, asked_by: str) -> Permit | Refusal | None:
        """Ask the gate about an agent's phone that is dialled by a number; `None`: it is not, and needs none.

        Digits too few for a telephone number are an extension of another exchange, unless they reach an
        emergency service.
        """
        if not phone.number:
            return None
        number = normalise(phone.number, "", self._rules.country)
        if isinstance(number, Refusal):
            extension = number.rule is Rule.NOT_A_NUMBER and len(phone.number) < SHORTEST_NUMBER
            return None if extension else number
        facts = Facts(
            allowed_countries=self._rules.allowed_countries,
            holds=await holds.standing(turn.tx.conn),
            asker=await self.asker(turn, asked_by, counted=False),
            dial_prefix=digits_before(phone.before_login),
            dialled=phone.number,
        )
        return may_dial(number, Purpose.CALL_AGENT, turn.at, facts)

    async def call(self, turn: Turn, intent: Intent, kind: CallKind) -> Call:
        """The call of an intent; a number that belongs to no lead gets one, in this transaction."""
        lead_id = intent.lead_id or await self._new_lead(turn, intent)
        request, campaign = intent.request, intent.campaign
        known = intent.number if isinstance(intent.number, Number) else None
        call_id = request.call_id or uuid7()
        here().on_call(call_id)
        here().on_lead(str(lead_id or ""))
        return Call(
            id=call_id,
            legacy_id=await queries.free_legacy_id(
                turn.tx.conn, kind, turn.at.astimezone(self._rules.timezone), lead_id
            ),
            legacy_uniqueid=legacy_uniqueid(turn.at),
            kind=kind,
            asterisk=intent.asterisk,
            campaign=campaign.id,
            number=intent.digits[:KEPT],
            e164=known.e164 if known else "",
            trunk=intent.trunk.name,
            dial=self._dial(intent, known) if known else "",
            caller_id=intent.caller_id,
            queue=request.queue,
            lead_id=lead_id,
            asked_by=request.asked_by,
            extension=request.extension,
            wrapup_seconds=campaign.wrapup_seconds,
            default_status=campaign.default_status,
            asked_at=turn.at,
        )

    async def phone(
        self, turn: Turn, login: str, seconds: int = ON_HOOK_SECONDS, intent: Intent | None = None
    ) -> Extension:
        """A phone of the site, to be rung before a customer is called.

        Args:
            turn: in which the call is written.
            login: the phone's.
            seconds: how long it may ring.
            intent: whom its Asterisk has to be able to call, and who asks for it.

        Raises:
            NoSuchPhone: there is none, or it is switched off.
            InvalidState: it is on another Asterisk than the trunk.
            DialRefused, UserLimited: it is dialled by a number, and the gate said no.
        """
        phone = await self._site.phone(login)
        if phone is None or not phone.active:
            raise NoSuchPhone(f"there is no active phone {login!r}", phone=login)
        if intent is not None and (phone.asterisk or self._rules.asterisk) != intent.asterisk:
            raise InvalidState(f"trunk {intent.trunk.name} is not on the Asterisk of phone {phone.login}")
        verdict = await self.judge_phone(turn, phone, intent.request.asked_by if intent else "")
        if isinstance(verdict, Refusal):
            raise refused(verdict.rule, verdict.why, verdict.source)
        if verdict is not None:
            verdict.check(phone.dial, turn.at)
        return Extension(phone.dial, seconds, verdict)

    async def of_customer(self, turn: Turn, of: Call, kind: CallKind) -> Call:
        """A call for the customer of another one, which dials no number."""
        local = turn.at.astimezone(self._rules.timezone)
        return Call(
            id=uuid7(),
            legacy_id=await queries.free_legacy_id(turn.tx.conn, kind, local, of.lead_id),
            legacy_uniqueid=legacy_uniqueid(turn.at),
            kind=kind,
            asterisk=of.asterisk,
            campaign=of.campaign,
            number=of.number,
            e164=of.e164,
            lead_id=of.lead_id,
            parent=of.id,
            default_status=PASSED_STATUS,
            asked_at=turn.at,
        )

    async def to_number(self, turn: Turn, of: Call, intent: Intent, kind: CallKind) -> Call:
        """A call to a number, for the customer of another one; the number gets no lead of its own."""
        known = intent.number if isinstance(intent.number, Number) else None
        return msgspec.structs.replace(
            await self.of_customer(turn, of, kind),
            asterisk=intent.asterisk,
            number=intent.digits[:KEPT],
            e164=known.e164 if known else "",
            trunk=intent.trunk.name,
            dial=self._dial(intent, known) if known else "",
            caller_id=intent.caller_id,
            asked_by=intent.request.asked_by,
        )

    async def _of_queue(self, request: DialRequest) -> str:
        """The number of the in-group in whose name is called."""
        if not request.queue:
            return ""
        in_group = await self._site.get(InGroup, request.queue)
        if in_group is None:
            raise InvalidInput(f"there is no in-group {request.queue}", field="queue")
        return in_group.caller_id

    async def _shown(self, campaign: Campaign, customer: Customer, number: Number | Refusal) -> str:
        """The number of the lead's list, that of the campaign's group for her area, or the campaign's."""
        of_list = None if customer.list_id is None else await self._site.get(LeadList, str(customer.list_id))
        if of_list is not None and of_list.caller_id:
            return of_list.caller_id
        named = campaign.caller_id_group
        group = await self._site.get(CallerIdGroup, named) if named else None
        if group is None or isinstance(number, Refusal):
            return campaign.caller_id
        return group.shown_to(number, customer.state, self._rules.country) or campaign.caller_id

    def _dial(self, intent: Intent, number: Number) -> str:
        """The dial string: the prefix of the request is directly before the number."""
        return intent.trunk.dial(self._for_trunk(number), intent.request.dial_prefix)

    async def _number(self, request: DialRequest, lead: Lead | None) -> tuple[str, str, Customer]:
        if request.lead_id is not None:
            lead = lead or await self._leads.get(request.lead_id)
            if lead is None:
                raise NoSuchLead(f"there is no lead {request.lead_id}", lead_id=str(request.lead_id))
            if not request.number:
                return lead.phone_number, lead.phone_code, Customer.of(lead)
            return request.number, request.phone_code, Customer.of(lead)
        return request.number, request.phone_code, Customer()

    async def _new_lead(self, turn: Turn, intent: Intent) -> int | None:
        if intent.campaign.manual_list is None or isinstance(intent.number, Refusal):
            return None
        lead = NewLead(
            list_id=intent.campaign.manual_list,
            phone_code=str(intent.number.country_code),
            phone_number=intent.number.national,
            vendor_lead_code=intent.request.vendor_id,
            status="QUEUE",
        )
        source = intent.request.asked_by
        return await self._leads.add_in(turn.tx, lead, campaign=intent.campaign.id, source=source)

    def _for_trunk(self, number: Number) -> str:
        """As one dials it within the site's own country, and in E.164 with its `+` elsewhere.

        Bare digits of another country can be read as something else at home: 91 11… of India as 9, 111….
        """
        return number.domestic if number.country == self._rules.country else number.e164
