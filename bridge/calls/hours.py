"""The hours of the customer of a call: read before its transaction, judged in it."""

from __future__ import annotations

from bridge.campaigns.hours import Kept, hours_of
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.leads.model import Customer, LeadList
from bridge.rules import Home, Hours, Number, Purpose, states_of


def home(customer: Customer) -> Home:
    """Where the lead says that it lives."""
    return Home(
        offset_minutes=customer.gmt_offset_minutes, postal_code=customer.postal_code, state=customer.state
    )


async def read(site: Site, campaign: Campaign, customer: Customer, number: Number) -> Kept:
    """The hours of the lead's list, or of the campaign, and those of the law."""
    name = campaign.call_time
    if customer.list_id is not None:
        of_list = await site.get(LeadList, str(customer.list_id))
        name = (of_list.call_time if of_list else "") or name
    return await hours_of(site.call_time, name, number.country, states_of(number, home(customer)))


def that_hold(kept: Kept, purpose: Purpose) -> tuple[Hours, ...]:
    """Those that a call has to keep: what dials by itself keeps the law's, whatever the site says."""
    return (*kept.own, *kept.law) if purpose is Purpose.AUTO else kept.own
