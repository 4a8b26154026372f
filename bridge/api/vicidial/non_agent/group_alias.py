"""`add_group_alias`: a number that callers of the API may choose to show."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.site_items import invalid, keep
from bridge.api.vicidial.reply import success
from bridge.campaigns.errors import InvalidField, ItemExists
from bridge.campaigns.model import GroupAlias

_DIGITS: Final = range(6, 21)


async def add_group_alias(call: NonAgentCall) -> str:
    """Its id and its name are the number, unless they are given."""
    number = call["caller_id_number"]
    if len(number) not in _DIGITS:
        fields = (call.user, call["group_alias_id"], call["group_alias_name"], number)
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", *fields)
    name = call["group_alias_id"] or number
    title = call["group_alias_name"] or number
    try:
        item = GroupAlias(name=name, title=title, caller_id=number, active=call["active"] != "N")
        await keep(call, item, new=True)
    except InvalidField as why:
        raise invalid(call, why) from None
    except ItemExists:
        return call.error("GROUP ALIAS ALREADY EXISTS", call.user, name, number)
    return success("add_group_alias GROUP ALIAS HAS BEEN ADDED", call.user, name, title, number)
