"""`add_list`: a new list of a campaign."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.list_fields import copied
from bridge.api.vicidial.non_agent.list_settings import settings_of, with_settings
from bridge.api.vicidial.non_agent.lists import list_of
from bridge.api.vicidial.non_agent.site_items import campaign_of, invalid, keep
from bridge.api.vicidial.reply import success
from bridge.campaigns.errors import InvalidField, ItemExists
from bridge.leads.errors import InvalidLead
from bridge.leads.model import LeadList

ID_DIGITS: Final = range(2, 15)
_NAME: Final = range(2, 31)


async def add_list(call: NonAgentCall) -> str:
    """Check all parameters, then add it with its custom fields; it is not active unless that is asked."""
    list_id, name, campaign = call["list_id"], call["list_name"], call["campaign_id"]
    if not list_id.isdecimal() or len(list_id) not in ID_DIGITS or len(name) not in _NAME or not campaign:
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, list_id, name, campaign)
    if await campaign_of(call, campaign) is None:
        return call.error("CAMPAIGN DOES NOT EXIST", call.user, campaign)
    call.check_lists(int(list_id))
    if await list_of(call, list_id) is not None:
        return _exists(call)
    try:
        item = LeadList(id=int(list_id), name=name, campaign=campaign, active=call.yes("active"))
    except (InvalidLead, InvalidField) as why:
        raise invalid(call, why) from None
    item = with_settings(call, item, await settings_of(call, new=True))
    if call["custom_fields_copy"]:
        line, fields = await copied(call, {}, "ERROR")
        if fields is None:
            return line
        item = with_settings(call, item, {"custom_fields": fields})
    try:
        await keep(call, item, new=True)
    except ItemExists:
        return _exists(call)
    return success("add_list LIST HAS BEEN ADDED", call.user, list_id, name, campaign)


def _exists(call: NonAgentCall) -> str:
    return call.error("LIST ALREADY EXISTS", call.user, call["list_id"])
