"""`update_campaign`: change what a campaign is set to, and empty its hopper."""

from __future__ import annotations

from typing import Any

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.campaign_settings import KEPT, settings_of
from bridge.api.vicidial.non_agent.site_items import campaign_of, invalid, keep
from bridge.api.vicidial.reply import notice, success
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Campaign


async def update_campaign(call: NonAgentCall) -> str:
    """All parameters are checked before anything is done."""
    name = call["campaign_id"]
    if not name:
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, name, call["campaign_name"], name)
    campaign = await campaign_of(call, name)
    if campaign is None:
        return call.error("CAMPAIGN DOES NOT EXIST", call.user, name)
    settings = settings_of(call, campaign)
    told = call.line("NOTICE", "NO UPDATES DEFINED", "", call.user, "")
    if settings:
        await keep(call, _changed(call, campaign, settings))
        told = success("update_campaign CAMPAIGN HAS BEEN UPDATED", call.user, name)
    if call.yes("reset_hopper"):
        await call.services.list_desk.empty_hopper(campaign.id)
        told += notice("update_campaign HOPPER HAS BEEN RESET", call.user, name, "")
    return told


def _changed(call: NonAgentCall, campaign: Campaign, settings: dict[str, Any]) -> Campaign:
    kept = {**campaign.line_settings, **settings.pop(KEPT, {})}
    kept = {name: value for name, value in kept.items() if value}
    try:
        return msgspec.structs.replace(campaign, **settings, line_settings=kept)
    except InvalidField as why:
        raise invalid(call, why) from None
