"""Whether the hours of a list, of its campaign and of the customer's state let a lead be called."""

from __future__ import annotations

from datetime import datetime

from bridge.calls.hours import home, read
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.leads.model import Customer, NewLead
from bridge.leads.offsets import fixed
from bridge.rules import Number, normalise, outside, zones_of


async def is_open(site: Site, lead: NewLead, campaign: Campaign, country: str, now: datetime) -> bool:
    """Whether it may be called now, by the hours that the gate keeps at the moment of the call.

    Args:
        site: where the hours are.
        lead: whose clock counts. A number that is none can never be called.
        campaign: of its list.
        country: the site's own.
        now: the moment.
    """
    number = normalise(lead.phone_number, lead.phone_code, country)
    if not isinstance(number, Number):
        return False
    customer = Customer(
        list_id=lead.list_id,
        gmt_offset_minutes=lead.gmt_offset_minutes,
        postal_code=lead.postal_code,
        state=lead.state,
    )
    kept = await read(site, campaign, customer, number)
    if kept.missing:
        return False
    return outside(kept.own, zones_of(number, home(customer), now), now) is None


async def is_open_at(site: Site, call_time: str, state: str, minutes: int, now: datetime) -> bool:
    """Whether a call time is open on a clock of this offset from UTC; one that is not there never is."""
    found = await site.call_time(call_time)
    if found is None:
        return False
    further = found.states.get(state.upper())
    wanted = [found, *([await site.call_time(further)] if further else [])]
    there = now.astimezone(fixed(minutes))
    return all(each is not None and each.as_rule().is_open(there) for each in wanted)
