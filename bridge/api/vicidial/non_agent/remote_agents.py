"""`update_remote_agent`: switch a remote agent on or off, or move her to another campaign."""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.access.model import Principal, UserSpec, spec_of
from bridge.api import remote
from bridge.api.remote import Remote
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.optional import OPTIONAL, Rule, check, kept
from bridge.api.vicidial.non_agent.site_items import campaign_of, refused
from bridge.api.vicidial.non_agent.update_user import SHORTEST, check_may_change
from bridge.api.vicidial.reply import Answer, success
from bridge.errors import NoPhone, RemoteAgentBusy

_ACTIVE: Final = "ACTIVE"
_STATUS: Final = Rule(
    "status", f"STATUS MUST BE ACTIVE OR INACTIVE{OPTIONAL}", words=frozenset({_ACTIVE, "INACTIVE"})
)
_LINES: Final = Rule(
    "number_of_lines", f"YOU MUST USE A VALID NUMBER OF LINES{OPTIONAL}", number=range(1, 1000)
)


async def update_remote_agent(call: NonAgentCall) -> str:
    """All parameters are checked before anything is done; it acts at once."""
    name, status = call["agent_user"], call["status"]
    if len(name) < SHORTEST:
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, name, "")
    known = await remote.find(call.services, call.principal, name)
    if known is None:
        return call.error("REMOTE AGENT DOES NOT EXIST", call.user, call["server_ip"])
    check_may_change(call, known.agent, "THIS REMOTE AGENT")
    campaign = call["campaign_id"] or known.agent.remote
    await _check(call, campaign)
    already = bool(status) and known.is_switched(on=status == _ACTIVE)
    told = call.line("NOTICE", f"REMOTE AGENT IS ALREADY {status}", "", call.user, name) if already else ""
    if not (call["campaign_id"] or call["number_of_lines"] or (status and not already)):
        return told + call.error("NO UPDATES DEFINED", call.user, "")
    await _switch(call, known, campaign)
    await call.services.access.alter(name, lambda now: _changed(call, now, campaign))
    return told + success("update_remote_agent REMOTE AGENT HAS BEEN UPDATED", call.user, name, "")


async def _check(call: NonAgentCall, campaign: str) -> None:
    check(call, (_LINES,))
    if await campaign_of(call, campaign) is None:
        raise refused(call, "YOU MUST USE A VALID CAMPAIGN ID", campaign, "0")
    check(call, (_STATUS,))


async def _switch(call: NonAgentCall, known: Remote, campaign: str) -> None:
    active = call["status"] == _ACTIVE if call["status"] else None
    user = known.agent.user
    try:
        await remote.switch(call.services, known, active=active, campaign=campaign, asked_by=call.user)
    except RemoteAgentBusy:
        raise Answer(call.error("REMOTE AGENT HAS A CALL, TRY AGAIN AFTER IT", call.user, user)) from None
    except NoPhone:
        raise Answer(call.error("REMOTE AGENT HAS NO PHONE LOGIN", call.user, user)) from None


def _changed(call: NonAgentCall, now: Principal, campaign: str) -> UserSpec:
    """The remote agent as she is to be: how many lines she has is kept, one call at a time is hers."""
    lines = kept(call, ("number_of_lines",), now.line_settings)
    return msgspec.structs.replace(spec_of(now), remote=campaign, line_settings=lines)
