"""Which address is called because of which event: the source of the deliveries to a CRM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from bridge.access import queries as users
from bridge.calls import queries as calls
from bridge.calls.ending import had_agent
from bridge.calls.model import Call, CallKind
from bridge.campaigns.alt_url import AltUrlType, by_rank
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign, InGroup
from bridge.campaigns.service import Site
from bridge.campaigns.url_template import ALT, UnfitValue, fill, first, masked
from bridge.crm.values import Facts, talked, values_of
from bridge.delivery.model import Due, NewDelivery, Request
from bridge.events.catalogue import CallAnswered, CallBridged, CallDisposed, CallEvent, LeadAdded, decode
from bridge.events.envelope import EventRecord
from bridge.leads import callbacks
from bridge.leads import queries as leads
from bridge.leads.model import Lead, LeadList
from bridge.recordings import queries as recordings
from bridge.services import RecordingQuery
from bridge.store.connection import Connection
from bridge.store.database import Database

Item = TypeVar("Item", bound=SiteItem)

START: Final = "start_call"
DISPO: Final = "dispo_call"
NO_AGENT: Final = "no_agent"
ADD_LEAD: Final = "add_lead"
_FIELDS: Final[Mapping[str, str]] = {
    START: "start_call_url",
    DISPO: "dispo_call_url",
    NO_AGENT: "no_agent_call_url",
    ADD_LEAD: "add_lead_url",
}
_ALTERNATES: Final[Mapping[str, AltUrlType]] = {
    START: AltUrlType.START,
    DISPO: AltUrlType.DISPO,
    NO_AGENT: AltUrlType.NO_AGENT,
    ADD_LEAD: AltUrlType.ADD_LEAD,
}
_BY_HAND: Final = frozenset({CallKind.MANUAL, CallKind.CLICK})
"""Somebody asked for it and waits for it: its result is hers, also where nobody answered."""
_FOR_AGENTS: Final = frozenset({CallKind.AUTO, CallKind.INBOUND, CallKind.CLOSER})
"""It is to get an agent, and may get none."""


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of address, for one thing that has happened."""

    kind: str
    record: EventRecord
    call_id: str = ""
    lead_id: int | None = None
    list_id: int | None = None
    campaign: str = ""


class CrmUrls:
    """Makes deliveries of what happens to calls and leads.

    Args:
        db: the open store.
        site: its lists, in-groups and campaigns.
        system: templates that count where nothing else is set, by `URL_FIELDS`.
        zone: of the times that are told.
    """

    name = "crm"
    types = (CallAnswered.type, CallBridged.type, CallDisposed.type, LeadAdded.type)

    def __init__(self, db: Database, site: Site, system: Mapping[str, str], zone: tzinfo) -> None:
        self._db = db
        self._site = site
        self._system = system
        self._of_system = any(system.values())
        self._zone = zone

    async def make(self, record: EventRecord) -> Sequence[NewDelivery]:
        """What is to be told because of an event."""
        if not self._of_system and not await self._site.tells_anything():
            return ()
        asked = _asked(record)
        if asked is None:
            return ()
        async with self._db.read() as conn:
            return await self._deliveries(conn, asked)

    async def request(self, _due: Due) -> Request:
        """The address has all of it."""
        return Request()

    async def _deliveries(self, conn: Connection, asked: _Asked) -> Sequence[NewDelivery]:
        call = await calls.find(conn, asked.call_id) if asked.call_id else None
        kind = asked.kind if call is None else _kind(asked.kind, call)
        lead_id = asked.lead_id if call is None else call.lead_id
        lead = None if lead_id is None else await leads.get(conn, lead_id)
        list_id = asked.list_id if lead is None else lead.list_id
        lead_list = await self._item(LeadList, str(list_id or ""))
        group = await self._item(InGroup, "" if call is None else call.queue)
        name = asked.campaign or (lead_list.campaign if lead_list and call is None else "")
        campaign = await self._item(Campaign, name)
        template = self._template(kind, lead_list, group, campaign)
        told = _addresses(kind, template, campaign, call, lead)
        if not told:
            return ()
        facts = Facts(
            at=asked.record.time,
            zone=self._zone,
            call=call,
            lead=lead,
            lead_list=lead_list,
            campaign=campaign,
        )
        if call is not None:
            facts = await _with_call(conn, facts, call)
        values = values_of(facts)
        return [_told(asked, kind, one, values, lead_id) for one in told]

    async def _item(self, kind: type[Item], key: str) -> Item | None:
        return await self._site.get(kind, key) if key else None

    def _template(self, kind: str, *levels: SiteItem | None) -> str:
        """The address that counts: that of the first level that says anything."""
        if not kind:
            return ""
        field = _FIELDS[kind]
        own = (str(getattr(level, field)) for level in levels if level is not None)
        return first(*own, self._system.get(field, ""))


def _asked(record: EventRecord) -> _Asked | None:
    event = decode(record.type, bytes(record.data))
    if isinstance(event, LeadAdded):
        return _Asked(
            kind=ADD_LEAD,
            record=record,
            lead_id=event.lead_id,
            list_id=event.list_id,
            campaign=event.campaign,
        )
    if not isinstance(event, CallEvent):
        return None
    if isinstance(event, CallAnswered) and event.kind != CallKind.MANUAL:
        return None  # an agent has it when it is bridged; a manual call is answered into her room
    kind = DISPO if isinstance(event, CallDisposed) else START
    return _Asked(kind=kind, record=record, call_id=event.call_id, campaign=event.campaign)


def _kind(kind: str, call: Call) -> str:
    """The address that is called for a call; empty: none, as what becomes of it is told of another one."""
    if call.is_leg or call.kind not in _BY_HAND | _FOR_AGENTS:
        return ""
    if kind == DISPO and call.kind in _FOR_AGENTS and not had_agent(call):
        return NO_AGENT
    return kind


async def _with_call(conn: Connection, facts: Facts, call: Call) -> Facts:
    stored = await users.stored(conn, call.user) if call.user else None
    taken = await recordings.recent(conn, RecordingQuery(call_id=call.id, limit=1))
    return msgspec.structs.replace(
        facts,
        agent=None if stored is None else stored.principal,
        recording=taken[0] if taken else None,
        callback=await callbacks.of_call(conn, call.id),
    )


class _Address(NamedTuple):
    template: str
    alternate: int | None = None
    """Number of the campaign's alternate that it is."""


def _addresses(
    kind: str, template: str, campaign: Campaign | None, call: Call | None, lead: Lead | None
) -> Sequence[_Address]:
    """The address, or those of the campaign's alternates that fit what has happened."""
    if template != ALT:
        return [_Address(template)] if template else []
    status = call.status if call is not None else lead.status if lead is not None else ""
    seconds = 0 if call is None else talked(call)
    wanted = (_ALTERNATES[kind], status, None if lead is None else lead.list_id, seconds)
    known = () if campaign is None else by_rank(campaign.alt_urls)
    return [_Address(one.address, one.id) for one in known if one.fits(*wanted)]


def _told(
    asked: _Asked, kind: str, address: _Address, values: Mapping[str, str], lead_id: int | None
) -> NewDelivery:
    template, mark = address.template, "" if address.alternate is None else f":{address.alternate}"
    url, error = "", ""
    try:
        url = fill(template, values)
    except UnfitValue as why:
        error = str(why)
    return NewDelivery(
        kind=kind,
        once=f"{kind}:{asked.record.subject}{mark}",
        event_seq=asked.record.seq,
        subject=asked.record.subject,
        call_id=asked.call_id,
        lead_id=lead_id,
        host=urlsplit(template).netloc.lower(),
        url=url,
        shown=masked(template),
        error=error,
    )
