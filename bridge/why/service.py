"""Answers why a lead, or a campaign, is not dialled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

import msgspec

from bridge.calls.intents import Intents
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.dialer import numbers, obstacles
from bridge.dialer import queries as hopper_queries
from bridge.dialer.causes import Block, Reason
from bridge.dialer.hopper import FIRST
from bridge.dialer.model import HopperRow, HopperStatus, Source
from bridge.dialer.numbers import DialNumber
from bridge.dialer.pacing_model import AUTOMATIC
from bridge.errors import InvalidInput, NoSuchCampaign, NoSuchLead
from bridge.leads import callbacks, search
from bridge.leads.model import Lead, LeadList
from bridge.leads.service import Leads
from bridge.rules import Purpose, Refusal
from bridge.services import DialRequest
from bridge.store.connection import Connection
from bridge.store.database import Database
from bridge.store.duties import Duties
from bridge.why import words
from bridge.why.counting import COUNTED, Stock, stock_of, waiting_callbacks
from bridge.why.model import Because, CampaignWhy, Count, LeadWhy
from bridge.why.of_campaign import OfCampaign

ASKED: Final = 500
"""Leads of a campaign that are asked of the gate for one answer."""
AT_ONCE: Final = 2
"""Answers that are made at the same time: whoever asks more has to wait, and holds up nobody else."""
NOTHING: Final = "nothing keeps it from being dialled"


class Why:
    """Looks at leads and campaigns by the rules that the dialler goes by.

    Args:
        db: the open store.
        site: where campaigns, lists and trunks are.
        leads: of the same store.
        intents: asks the gate.
        of_campaign: looks at campaigns.
    """

    def __init__(
        self, db: Database, *, site: Site, leads: Leads, intents: Intents, of_campaign: OfCampaign
    ) -> None:
        self._db = db
        self._site = site
        self._leads = leads
        self._intents = intents
        self._of_campaign = of_campaign
        self._places = asyncio.Semaphore(AT_ONCE)

    async def lead(self, lead_id: int) -> LeadWhy:
        """Why a lead is not dialled.

        Raises:
            NoSuchLead: there is none with this id.
        """
        async with self._places:
            return await self._lead(lead_id)

    async def campaign(self, name: str) -> CampaignWhy:
        """Why a campaign does not dial, and how many of its leads are kept by what.

        Raises:
            NoSuchCampaign: there is none of this name.
        """
        async with self._places:
            return await self._campaign(name)

    async def _lead(self, lead_id: int) -> LeadWhy:
        lead, now = await self._leads.get(lead_id), datetime.now(UTC)
        if lead is None:
            raise NoSuchLead(f"there is no lead {lead_id}", lead_id=str(lead_id))
        of_list = await self._site.get(LeadList, str(lead.list_id))
        async with self._db.read() as conn:
            row = await hopper_queries.of_lead(conn, lead_id)
        campaign = await self._site.campaign(row.campaign if row else of_list.campaign if of_list else "")
        if campaign is None:
            why = f"list {lead.list_id} of lead {lead_id} belongs to no campaign"
            reasons = [Reason(cause=Block.NO_CAMPAIGN, why=why)]
        else:
            reasons = await self._of_lead(lead, row, campaign, now)
            reasons += await self._of_campaign.reasons(campaign, now)
        return LeadWhy(
            lead_id=lead_id,
            list_id=lead.list_id,
            campaign=campaign.id if campaign else "",
            at=now,
            why=reasons[0].why if reasons else NOTHING,
            reasons=tuple(map(Because.of, reasons)),
        )

    async def _campaign(self, name: str) -> CampaignWhy:
        campaign, now = await self._site.campaign(name), datetime.now(UTC)
        if campaign is None:
            raise NoSuchCampaign(f"there is no campaign {name!r}", campaign=name)
        reasons = await self._of_campaign.reasons(campaign, now)
        async with self._db.read() as conn:
            stock = await stock_of(conn, campaign, now)
            promised = await waiting_callbacks(conn, name, now)
            rows = await self._next(conn, campaign, now)
        kept, dialable = await self._ask(rows, campaign, now)
        counts = [*stock.counts, *kept, *([promised] if promised else [])]
        counts.sort(key=lambda count: -count.leads)
        if not dialable:
            reasons.append(_no_leads(campaign, stock, kept or counts))
        return CampaignWhy(
            campaign=name,
            at=now,
            why=reasons[0].why if reasons else f"nothing keeps it: {words.leads(dialable)} may be called now",
            reasons=tuple(map(Because.of, reasons)),
            counts=tuple(counts),
            dialable=dialable,
            asked=len(rows),
            all_asked=len(rows) < ASKED,
        )

    # -- leads

    async def _next(self, conn: Connection, campaign: Campaign, now: datetime) -> list[HopperRow | int]:
        """What would be dialled next: rows of the hopper, then ids of leads that are not in it."""
        found: list[HopperRow | int] = []
        for status in (HopperStatus.READY, HopperStatus.HOLD):
            most = ASKED - len(found)
            found += await hopper_queries.page(conn, campaign.id, status, FIRST, most) if most else []
        if len(found) < ASKED:
            most = ASKED - len(found)
            statuses = campaign.dial_statuses
            fresh = await hopper_queries.candidates(conn, campaign.id, statuses, most, now)
            found += [each.entry.lead_id for each in fresh]
        return found

    async def _ask(
        self, rows: Sequence[HopperRow | int], campaign: Campaign, now: datetime
    ) -> tuple[list[Count], int]:
        """How many of these are kept by what, and how many may be called now."""
        by_lead = {row if isinstance(row, int) else row.lead_id: row for row in rows}
        groups: dict[tuple[str, object, str], list[Reason]] = {}
        async with self._db.read() as conn:
            found = await search.by_ids(conn, by_lead, ASKED)
        for lead in found:
            row = by_lead[lead.id]
            own = await self._of_lead(lead, None if isinstance(row, int) else row, campaign, now)
            if own:
                first = own[0]
                key = (first.cause, first.until if first.zone else None, first.zone)
                groups.setdefault(key, []).append(first)
            await asyncio.sleep(0)  # to read numbers is work: others come in between
        dialable = len(found) - sum(map(len, groups.values()))
        kept = [group for key, group in groups.items() if key[0] not in COUNTED]
        return [words.told(_earliest(group), len(group), now) for group in kept], dialable

    async def _of_lead(
        self, lead: Lead, row: HopperRow | None, campaign: Campaign, now: datetime
    ) -> list[Reason]:
        """What keeps a lead, but for its campaign: what the dialler asks, in its order."""
        of_list = await self._site.get(LeadList, str(lead.list_id))
        source = Source.STANDARD if row is None else row.source
        kept = obstacles.of_lead(lead, source, of_list, campaign, now)
        async with self._db.read() as conn:
            found = [await obstacles.of_calls(conn, lead.id)]
            if row is not None and row.status is HopperStatus.QUEUE:
                found.append(Reason(cause=Block.BEING_DIALLED, why=f"{row.user} is about to dial it"))
            found += [await _promised(conn, lead, now) if kept else None, kept]
            number = await numbers.number(conn, lead, row.alt if row else numbers.MAIN)
        found.append(await self._of_gate(lead, number, campaign, now))
        if row is not None and row.status is HopperStatus.HOLD and row.due_at and row.due_at > now:
            why = f"it waits in the hopper until {row.due_at:%Y-%m-%d %H:%MZ}, and is looked at again then"
            found.append(Reason(cause=Block.WAITS, why=why, until=row.due_at))
        return [reason for reason in found if reason is not None]

    async def _of_gate(
        self, lead: Lead, number: DialNumber | None, campaign: Campaign, now: datetime
    ) -> Reason | None:
        if number is None:
            return Reason(
                cause=Block.NO_SUCH_NUMBER, why="it has no number of the kind that is to be dialled"
            )
        request = DialRequest(
            number=number.number, phone_code=number.phone_code, lead_id=lead.id, campaign=campaign.id
        )
        purpose = Purpose.AUTO if campaign.dial_method in AUTOMATIC else Purpose.MANUAL
        try:
            intent = await self._intents.read(request, campaign)
        except (InvalidInput, NoSuchLead):  # without a trunk, as its campaign says; or it is gone
            return None
        async with self._db.read() as conn:
            refusal = await self._intents.foresee(conn, intent, purpose, now)
        return None if refusal is None else of_refusal(refusal)


def why_of(  # noqa: PLR0913 - the parts that it looks at
    db: Database,
    *,
    site: Site,
    leads: Leads,
    intents: Intents,
    duties: Duties,
    asterisks: Sequence[str],
    here: Callable[[str], Reason | None],
    zone: tzinfo,
) -> Why:
    """The answers of a store; see `OfCampaign` for the arguments."""
    of_campaign = OfCampaign(db, site, duties, asterisks, here=here, zone=zone)
    return Why(db, site=site, leads=leads, intents=intents, of_campaign=of_campaign)


def of_refusal(refusal: Refusal) -> Reason:
    """The gate's word as a reason."""
    fields = {name: getattr(refusal, name) for name in ("why", "source", "zone")}
    return Reason(cause=refusal.rule, until=refusal.opens, **fields)


async def _promised(conn: Connection, lead: Lead, now: datetime) -> Reason | None:
    """A callback that waits for its time."""
    of_lead = await callbacks.of_lead(conn, lead.id, archived=False)
    times = [one.due_at for one in of_lead if one.state == callbacks.ACTIVE and one.due_at]
    later = [due for due in times if due > now]
    if not later:
        return None
    why = f"it is to be called back at {min(later):%Y-%m-%d %H:%MZ}, as was promised"
    return Reason(cause=Block.CALLBACK, why=why, until=min(later))


def _earliest(group: Sequence[Reason]) -> Reason:
    """The one that is over first, for all of them."""
    times = [reason.until for reason in group if reason.until is not None]
    return msgspec.structs.replace(group[0], until=min(times, default=None))


def _no_leads(campaign: Campaign, stock: Stock, counts: Sequence[Count]) -> Reason:
    """Why there is nothing to dial, and when there may be."""
    until = min((count.until for count in counts if count.until is not None), default=None)
    if not stock.lists:
        why = f"campaign {campaign.id} has no list"
    elif stock.expired == stock.lists:
        why = f"all lists of campaign {campaign.id} have expired"
    elif not stock.active:
        why = f"no list of campaign {campaign.id} is active" + (
            ", or it has expired" if stock.expired else ""
        )
    elif counts:
        why = f"no lead may be called now: {max(counts, key=lambda count: count.leads).why}"
    elif not campaign.dial_statuses:
        why = f"campaign {campaign.id} has no dial_statuses"
    else:
        why = f"the active lists of campaign {campaign.id} hold no lead"
    return Reason(cause=Block.NO_LEADS, why=why, until=until)
