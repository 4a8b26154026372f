"""`update_log_entry`: another disposition of a call that is over."""

from __future__ import annotations

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.site_items import campaign_of
from bridge.api.vicidial.reply import success
from bridge.calls.model import Call, CallKind
from bridge.campaigns.model import InGroup
from bridge.errors import NoSuchCall

_LONGEST_STATUS = 6


async def update_log_entry(call: NonAgentCall) -> str:
    """The call is one of a campaign that went out, or one of an in-group that came in."""
    group, call_id, status = call["group"], call["call_id"].replace(".", ""), call["status"]
    told = (call.user, group, call_id, status)
    campaign = await campaign_of(call, group)
    if campaign is None and (not group or await call.services.site.get(InGroup, group) is None):
        return call.line("ERROR", "GROUP NOT FOUND", call.user, group)
    if not call_id or not status or len(status) > _LONGEST_STATUS:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", *told)
    found = await call.services.calls.get(call["call_id"])
    if found is None or not _is_of(call, found, group, inbound=campaign is None):
        return call.line("ERROR", "NO RECORDS FOUND", *told)
    try:
        before = await call.services.calls.correct(found.id, status)
    except NoSuchCall:
        before = None
    if before is None:
        return call.line("ERROR", "NO RECORDS FOUND", *told)
    if before == status:
        return call.line("ERROR", "NO RECORDS UPDATED", *told, before, found.legacy_uniqueid)
    done = (before, found.legacy_uniqueid, "1")
    return success("update_log_entry RECORD HAS BEEN UPDATED", call.user, *told, *done)


def _is_of(call: NonAgentCall, found: Call, group: str, *, inbound: bool) -> bool:
    if found.campaign and not call.may_use_campaign(found.campaign):
        return False
    if found.campaign not in call.principal.limits.campaigns:
        return False
    came_in = found.kind in (CallKind.INBOUND, CallKind.CLOSER)
    return found.queue == group if inbound else found.campaign == group and not came_in
