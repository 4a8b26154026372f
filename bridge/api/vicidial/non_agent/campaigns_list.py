"""`campaigns_list`: the campaigns that the caller may use."""

from __future__ import annotations

from typing import Final

from bridge.api.every import every
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import rows
from bridge.campaigns.model import Campaign

_COLUMNS: Final = (
    *("campaign_id", "campaign_name", "active", "user_group", "dial_method", "dial_level", "lead_order"),
    *("dial_statuses", "dial_timeout", "dial_prefix", "manual_dial_prefix", "three_way_dial_prefix"),
)
_EVERYBODY: Final = "---ALL---"
_PREFIX: Final = "9"
"""The original's; here the campaign's trunk has what is dialled before a number."""


async def campaigns_list(call: NonAgentCall) -> str:
    """A row for each."""
    wanted = call["campaign_id"]
    found = [
        one
        async for one in every(call.services.site, Campaign)
        if call.may_use_campaign(one.id) and wanted in ("", one.id)
    ]
    if not found:
        return call.line("ERROR", "THIS USER HAS NO VIEWABLE CAMPAIGNS", call.user, "")
    return rows(call, _COLUMNS, [_row(one) for one in found])


def _row(one: Campaign) -> tuple[str, ...]:
    active, level = "Y" if one.active else "N", f"{one.dial_level:g}"
    statuses = " ".join(one.dial_statuses)
    told = (one.id, one.name, active, _EVERYBODY, one.dial_method, level, "DOWN", statuses)
    return (*told, str(one.dial_timeout), _PREFIX, _PREFIX, _PREFIX)
