"""In-groups that a caller names as the destination of a customer."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error
from bridge.campaigns.model import Campaign, InGroup

DEFAULT: Final = "DEFAULTINGROUP"
"""Stands for the campaign's `default_transfer_queue`."""


async def active_in_group(call: FunctionCall, campaign: str) -> str:
    """The in-group that `ingroup_choices` names; it must be there and active."""
    name = call["ingroup_choices"].strip()
    if name == DEFAULT:
        found = await call.services.site.get(Campaign, campaign)
        name = found.default_transfer_queue if found else ""
    in_group = await call.services.site.get(InGroup, name) if name else None
    if in_group is None or not in_group.active:
        raise Answer(error("ingroup is not valid", name))
    return name
