"""`hopper_list` and `hopper_bulk_insert`: what is dialled next."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import allowed, list_of, of_group, within_limits
from bridge.api.vicidial.non_agent.rows import rows
from bridge.api.vicidial.reply import error, notice, success
from bridge.campaigns.model import Campaign
from bridge.dialer.model import HopperRow
from bridge.leads.adding import ToHopper
from bridge.leads.changing import Changing
from bridge.leads.model import Lead
from bridge.leads.texts import age, gmt_offset

MOST: Final = 1000
"""Leads of one request, and rows of one answer."""
_COLUMNS: Final = (
    *("hopper_order", "priority", "lead_id", "list_id", "phone_number", "phone_code", "state", "status"),
    *("count", "gmt_offset", "rank", "alt", "hopper_source", "vendor_lead_code", "source_id", "age_days"),
    "last_call_time",
)
_MOST_DIGITS: Final = 18


async def hopper_list(call: NonAgentCall) -> str:
    """The rows that may be dialled, in the order in which they are."""
    name = call["campaign_id"]
    if not name or not call.may_use_campaign(name) or await call.services.site.get(Campaign, name) is None:
        return call.error("THIS CAMPAIGN DOES NOT EXIST", call.user, name)
    waiting = await call.services.hopper.page(name, limit=MOST)
    leads = {
        lead.id: lead for lead in await call.services.desk.by_ids([row.lead_id for row in waiting], MOST)
    }
    seen = [row for row in waiting if row.lead_id in leads and await within_limits(call, row.list_id)]
    if not seen:
        why = "THERE ARE NO LEADS IN THE HOPPER FOR THIS CAMPAIGN"
        return call.line("ERROR", why, call.user, name)
    return rows(
        call, _COLUMNS, [_row(call, place, row, leads[row.lead_id]) for place, row in enumerate(seen)]
    )


def _row(call: NonAgentCall, place: int, row: HopperRow, lead: Lead) -> tuple[str, ...]:
    days, since = age(lead.entry_date, call.now), age(lead.last_local_call_time, call.now)
    return (
        str(place),
        str(row.priority),
        str(lead.id),
        str(lead.list_id),
        lead.phone_number,
        lead.phone_code,
        lead.state,
        lead.status,
        str(lead.called_count),
        gmt_offset(lead.gmt_offset_minutes),
        str(lead.rank),
        row.alt or "NONE",
        row.source,
        lead.vendor_lead_code,
        lead.source_id,
        str(days.days),
        since.text,
    )


async def hopper_bulk_insert(call: NonAgentCall) -> str:
    """Put leads into the hopper of the campaign of each one's list; a line for each, and one for all."""
    ids = [int(one) for one in call["lead_ids"].split(",") if one and len(one) <= _MOST_DIGITS][:MOST]
    known = {lead.id: lead for lead in await call.services.desk.by_ids(ids, MOST)}
    lines, added, refused, missing, last = [], 0, 0, 0, ""
    for lead_id in ids:
        lead = known.get(lead_id)
        if lead is None or not await allowed(call, lead.list_id) or not await of_group(call, lead.list_id):
            lines.append(notice(f"{call.function} NOT ADDED TO HOPPER, LEAD NOT FOUND", str(lead_id)))
            missing += 1
            continue
        hopper_id, line = await _insert(call, lead)
        lines.append(line)
        added, refused = added + (hopper_id is not None), refused + (hopper_id is None)
        last = last if hopper_id is None else str(hopper_id)
    if added:
        counts = (str(added), str(refused), last, call.user)
        return "".join(lines) + success(f"{call.function} LEADS HAVE BEEN INSERTED INTO THE HOPPER", *counts)
    counts_of_none = (str(refused), str(missing), call.user)
    why = f"{call.function} NO LEADS HAVE BEEN INSERTED INTO THE HOPPER"
    return "".join(lines) + error(why, *counts_of_none)


async def _insert(call: NonAgentCall, lead: Lead) -> tuple[int | None, str]:
    """The new row's id, and the line for the lead."""
    told, lead_id = call.function, str(lead.id)
    own = await list_of(call, lead.list_id)
    campaign = await call.services.site.get(Campaign, own.campaign) if own else None
    if campaign is None:
        return None, notice(f"{told} CAMPAIGN DOES NOT EXIST", str(lead.list_id), lead_id)
    if call.yes("hopper_local_call_time_check") and not await call.services.desk.is_open(
        lead, campaign, call.now
    ):
        fields = (lead_id, gmt_offset(lead.gmt_offset_minutes), lead.state, "0")
        return None, notice(f"{told} NOT ADDED TO HOPPER, OUTSIDE OF LOCAL TIME,", *fields)
    wish = Changing(lead_id=lead.id, hopper=ToHopper(campaign=campaign.id, priority=call.priority))
    hopper_id = (await call.services.desk.change(wish)).hopper_id
    if hopper_id is None:
        return None, notice(f"{told} NOT ADDED TO HOPPER, LEAD IS ALREADY IN THE HOPPER", lead_id)
    return hopper_id, notice(
        f"{told} LEAD ADDED TO HOPPER", lead.phone_number, lead_id, str(hopper_id), call.user
    )
