"""What keeps a lead from being dialled before the gate is asked: its list, its status, a call that it is in.

The dialler asks it in the transaction that writes the call, and who wants to know why a lead is not dialled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_, select

from bridge.calls.of_lead import OUTGOING
from bridge.campaigns.model import Campaign
from bridge.dialer.causes import Block, Reason
from bridge.dialer.model import Source
from bridge.leads.callbacks import LIVE, standing
from bridge.leads.model import Lead, LeadList
from bridge.leads.next import NOT_CALLED
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import calls

_OPEN_CALL = Prepared(
    select(calls.c.id)
    .where(
        calls.c.lead_id == bindparam("of_lead"),
        calls.c.disposed_at.is_(None),
        calls.c.ended_at.is_(None),
        or_(*(calls.c.kind == kind.value for kind in sorted(OUTGOING))),
    )
    .limit(1)
)


def of_lead(
    lead: Lead, source: Source, of_list: LeadList | None, campaign: Campaign, now: datetime
) -> Reason | None:
    """Why a lead is not wanted any more, by what has put it into the hopper.

    Args:
        lead: as it is now.
        source: of its row; one that is in no hopper can come from its list.
        of_list: its list.
        campaign: that dials it.
        now: the present time.
    """
    match source:
        case Source.STANDARD:
            kept = _of_list(lead, of_list, campaign, now)
        case Source.RECYCLE:
            kept = _of_status(lead, [entry.status for entry in campaign.recycle], "recycle")
        case Source.ALTERNATE:
            kept = _of_status(lead, campaign.auto_alt_dial_statuses, "auto_alt_dial_statuses")
        case _:
            kept = None
    if kept is None and 0 < campaign.call_count_limit <= lead.called_count:
        why = f"it was called {lead.called_count} times, of {campaign.call_count_limit} (call_count_limit)"
        return Reason(cause=Block.CALL_COUNT, why=why)
    if kept is None and source is Source.STANDARD and lead.called_since_last_reset != NOT_CALLED:
        why = f"it was called or passed over since list {lead.list_id} was reset"
        return Reason(cause=Block.CALLED, why=why)
    return kept


def _of_list(lead: Lead, of_list: LeadList | None, campaign: Campaign, now: datetime) -> Reason | None:
    """Why the campaign's lists do not give this lead."""
    if of_list is None or of_list.campaign != campaign.id:
        why = f"list {lead.list_id} is none of campaign {campaign.id}"
        return Reason(cause=Block.NO_CAMPAIGN, why=why)
    if not of_list.active:
        return Reason(cause=Block.LIST_INACTIVE, why=f"list {of_list.id} is not active")
    if of_list.expires_at is not None and of_list.expires_at <= now:
        why = f"list {of_list.id} has expired ({of_list.expires_at:%Y-%m-%d %H:%MZ})"
        return Reason(cause=Block.LIST_EXPIRED, why=why)
    return _of_status(lead, campaign.dial_statuses, "dial_statuses")


def _of_status(lead: Lead, statuses: Sequence[str], field: str) -> Reason | None:
    if lead.status in statuses:
        return None
    among = ", ".join(statuses) or "none"
    why = f"its status {lead.status} is not among the campaign's {field} ({among})"
    return Reason(cause=Block.STATUS, why=why)


async def of_callback(conn: Connection, lead_id: int) -> Reason | None:
    """Whether no callback of it is due that any agent may do: it was taken back, changed or done."""
    if any(one.state == LIVE and not one.user for one in await standing(conn, lead_id)):
        return None
    return Reason(cause=Block.CALLBACK, why="no callback of it is due that any agent may do")


async def of_calls(conn: Connection, lead_id: int) -> Reason | None:
    """Whether it is in a call that we have placed."""
    found = (await conn.execute(_OPEN_CALL, {"of_lead": lead_id})).first()
    return None if found is None else Reason(cause=Block.IN_CALL, why=f"it is being called (call {found.id})")
