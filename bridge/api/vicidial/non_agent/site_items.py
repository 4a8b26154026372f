"""Things of the site as functions change them: what the caller may see, and what is told if one cannot be."""

from __future__ import annotations

from typing import Final, TypeVar

from bridge.access.errors import Forbidden, InvalidUser
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import list_of, within_limits
from bridge.api.vicidial.reply import Answer
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign
from bridge.leads.errors import InvalidLead
from bridge.leads.model import LeadList

BLANK: Final = "--BLANK--"
"""Empties a setting; a parameter that is empty changes nothing."""
NONE: Final = "---NONE---"
OPTIONAL: Final = "THIS IS AN OPTIONAL FIELD"

Item = TypeVar("Item", bound=SiteItem)


def plain(value: str) -> str:
    """The value that is meant."""
    return "" if value in (BLANK, NONE) else value


def refused(call: NonAgentCall, reason: str, *fields: str) -> Answer:
    """The end of a request in which an optional parameter is wrong."""
    return Answer(call.error(f"{reason}, {OPTIONAL}", call.user, *fields))


def invalid(call: NonAgentCall, why: InvalidField | InvalidLead | InvalidUser) -> Answer:
    """The end of a request in which a value cannot be kept, whatever the original does with it."""
    return Answer(call.error("INVALID DATA", call.user, f"{why.field} {why.why}"))


def vouches(call: NonAgentCall) -> bool:
    """Whether the caller may say which numbers are the site's own."""
    try:
        call.services.access.authorize(call.principal, "site.ownnumber")
    except Forbidden:
        return False
    return True


async def campaign_of(call: NonAgentCall, name: str) -> Campaign | None:
    """A campaign that the caller's group and limits let it see."""
    if not name or not call.may_use_campaign(name) or name not in call.principal.limits.campaigns:
        return None
    return await call.services.site.get(Campaign, name)


async def seen_list(call: NonAgentCall, list_id: str) -> LeadList | None:
    """A list that the caller's group and limits let it see."""
    found = await list_of(call, list_id)
    if found is None or not await within_limits(call, list_id):
        return None
    return found if call.may_use_campaign(found.campaign) else None


async def keep(call: NonAgentCall, item: SiteItem, *, new: bool = False) -> None:
    """Write a thing.

    Raises:
        Answer: it refers to what is not there, or shows a number that is not the site's own.
        ItemExists: it is to be new and is not.
    """
    put = call.services.site.add if new else call.services.site.put
    try:
        await put(item, vouched=vouches(call))
    except (InvalidField, InvalidLead) as why:
        raise invalid(call, why) from None
