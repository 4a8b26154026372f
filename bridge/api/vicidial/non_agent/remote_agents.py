"""`update_remote_agent`: switch a remote agent on or off, or move her to another campaign.

A remote agent sits at no screen: she is logged in from here, and her phone, wherever it is, is rung for each
call. She is ACTIVE while she is logged in and not paused.
"""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.access.model import Principal, UserSpec, spec_of
from bridge.agents.model import AgentSession, AgentState
from bridge.api.giving import is_visible
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.optional import OPTIONAL, Rule, check, kept
from bridge.api.vicidial.non_agent.site_items import campaign_of, refused
from bridge.api.vicidial.non_agent.update_user import SHORTEST, check_may_change
from bridge.api.vicidial.reply import Answer, success

_ACTIVE: Final = "ACTIVE"
_STATUS: Final = Rule(
    "status", f"STATUS MUST BE ACTIVE OR INACTIVE{OPTIONAL}", words=frozenset({_ACTIVE, "INACTIVE"})
)
_LINES: Final = Rule(
    "number_of_lines", f"YOU MUST USE A VALID NUMBER OF LINES{OPTIONAL}", number=range(1, 1000)
)
_IDLE: Final = (AgentState.PAUSED, AgentState.READY)


async def update_remote_agent(call: NonAgentCall) -> str:
    """All parameters are checked before anything is done; it acts at once."""
    name, status = call["agent_user"], call["status"]
    if len(name) < SHORTEST:
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, name, "")
    known = await call.services.access.principal(name)
    if known is None or not known.remote or not is_visible(call.principal, known):
        return call.error("REMOTE AGENT DOES NOT EXIST", call.user, call["server_ip"])
    check_may_change(call, known, "THIS REMOTE AGENT")
    campaign = call["campaign_id"] or known.remote
    await _check(call, campaign)
    session = await call.services.agents.session(name)
    already = bool(status) and _is(session, status)
    told = call.line("NOTICE", f"REMOTE AGENT IS ALREADY {status}", "", call.user, name) if already else ""
    if not (call["campaign_id"] or call["number_of_lines"] or (status and not already)):
        return told + call.error("NO UPDATES DEFINED", call.user, "")
    await _switch(call, known, session, campaign)
    await call.services.access.alter(name, lambda now: _changed(call, now, campaign))
    return told + success("update_remote_agent REMOTE AGENT HAS BEEN UPDATED", call.user, name, "")


async def _check(call: NonAgentCall, campaign: str) -> None:
    check(call, (_LINES,))
    if await campaign_of(call, campaign) is None:
        raise refused(call, "YOU MUST USE A VALID CAMPAIGN ID", campaign, "0")
    check(call, (_STATUS,))


def _is(session: AgentSession | None, status: str) -> bool:
    """Whether she is switched so already."""
    if status == _ACTIVE:
        on = session is not None and session.state is not AgentState.PAUSED
        return on and session is not None and session.after_call is AgentState.READY
    return session is None or session.after_call is AgentState.LOGGED_OUT


async def _switch(call: NonAgentCall, known: Principal, session: AgentSession | None, campaign: str) -> None:
    """Log her in or out, as it was asked for; to move her takes both."""
    agents, user = call.services.agents, known.user
    if call["status"] == "INACTIVE":
        if session is not None:
            await agents.logout(user, asked_by=call.user)
        return
    resumes = call["status"] == _ACTIVE or (session is not None and session.state is AgentState.READY)
    if session is not None and session.campaign != campaign:
        if session.state not in _IDLE:
            raise Answer(call.error("REMOTE AGENT HAS A CALL, TRY AGAIN AFTER IT", call.user, user))
        await agents.logout(user, asked_by=call.user)
        await _log_in(call, known, campaign)
    elif session is None and resumes:
        await _log_in(call, known, campaign)
    elif session is None or _is(session, _ACTIVE):
        return
    if resumes:
        await agents.resume(user, asked_by=call.user)


async def _log_in(call: NonAgentCall, known: Principal, campaign: str) -> None:
    """Her phone is rung for each call: nothing rings now."""
    if not known.phone:
        raise Answer(call.error("REMOTE AGENT HAS NO PHONE LOGIN", call.user, known.user))
    await call.services.agents.login(known.user, known.phone, campaign, on_hook=True, asked_by=call.user)


def _changed(call: NonAgentCall, now: Principal, campaign: str) -> UserSpec:
    """The remote agent as she is to be: how many lines she has is kept, one call at a time is hers."""
    lines = kept(call, ("number_of_lines",), now.line_settings)
    return msgspec.structs.replace(spec_of(now), remote=campaign, line_settings=lines)
