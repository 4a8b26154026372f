"""`update_presets`: numbers of a campaign that transfers know by a name."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import rows
from bridge.api.vicidial.non_agent.site_items import campaign_of, invalid, keep, plain, refused
from bridge.api.vicidial.reply import notice, success
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Campaign, PresetOptions

_COLUMNS: Final = ("preset_name", "campaign_id", "preset_number", "preset_hide_number", "preset_dtmf")
_NUMBER: Final = range(2, 21)
_LONGEST_KEYS: Final = 40


async def update_presets(call: NonAgentCall) -> str:
    """Do what `action` says; without it, change one that is there."""
    name, campaign_id = call["preset_name"], call["campaign_id"]
    action = call["action"] or "UPDATE"
    if not campaign_id or (not name and action != "LIST"):
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, campaign_id, "", campaign_id)
    campaign = await campaign_of(call, campaign_id)
    if campaign is None:
        return call.error("CAMPAIGN DOES NOT EXIST", call.user, campaign_id)
    if action == "LIST":
        return _list(call, campaign)
    known = name in campaign.presets
    if action != "NEW" and not known:
        return call.error("PRESET NAME DOES NOT EXIST", call.user, name, campaign_id, "0")
    if action == "NEW" and known:
        return call.error("PRESET NAME ALREADY EXISTS", call.user, name, campaign_id)
    if action == "DELETE":
        await keep(call, _without(campaign, name))
        return success("update_presets PRESET HAS BEEN DELETED", call.user, name, campaign_id)
    return await _set(call, campaign, name, new=action == "NEW")


def _list(call: NonAgentCall, campaign: Campaign) -> str:
    if not campaign.presets:
        return notice("update_presets LIST, No Records Found", call.user, campaign.id, "0")
    return rows(call, _COLUMNS, [_row(campaign, name) for name in sorted(campaign.presets)])


def _row(campaign: Campaign, name: str) -> tuple[str, ...]:
    options = campaign.preset_options.get(name, PresetOptions())
    hidden = "Y" if options.hide_number else "N"
    return (name, campaign.id, campaign.presets[name], hidden, options.keys)


def _without(campaign: Campaign, name: str) -> Campaign:
    presets = {key: number for key, number in campaign.presets.items() if key != name}
    options = {key: value for key, value in campaign.preset_options.items() if key != name}
    return msgspec.structs.replace(campaign, presets=presets, preset_options=options)


async def _set(call: NonAgentCall, campaign: Campaign, name: str, *, new: bool) -> str:
    number, options = call["preset_number"], _options(call)
    if (number or new) and len(number) not in _NUMBER:
        raise refused(call, "PRESET NUMBER IS NOT VALID", number)
    if not new and not number and not options:
        return call.line("NOTICE", "NO UPDATES DEFINED", "", call.user, "")
    try:
        before = campaign.preset_options.get(name, PresetOptions())
        presets = {**campaign.presets, name: number or campaign.presets[name]}
        changed = {**campaign.preset_options, name: msgspec.structs.replace(before, **options)}
        await keep(call, msgspec.structs.replace(campaign, presets=presets, preset_options=changed))
    except InvalidField as why:
        raise invalid(call, why) from None
    shown, done = (f"NEW PRESET: {name}", "ADDED") if new else (name, "UPDATED")
    return success(f"update_presets PRESET HAS BEEN {done}", call.user, shown, campaign.id)


def _options(call: NonAgentCall) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if hide := call["preset_hide_number"]:
        if hide not in ("Y", "N"):
            raise refused(call, "PRESET HIDE NUMBER MUST BE Y OR N", hide)
        found["hide_number"] = hide == "Y"
    if keys := call["preset_dtmf"]:
        if len(plain(keys)) > _LONGEST_KEYS or set(plain(keys)) - set("0123456789PSQ"):
            raise refused(call, "PRESET DTMF IS NOT VALID", keys)
        found["keys"] = plain(keys)
    return found
