"""`agent_status` and `logged_in_agents`: what agents are doing."""

from __future__ import annotations

from typing import Final

from bridge.api.agents_now import Seen
from bridge.api.vicidial.non_agent.agents_now import all_seen, lead_of, names, seen, status_of
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import rows
from bridge.api.vicidial.reply import Answer

_COLUMNS: Final = (
    *("status", "callerid", "lead_id", "campaign_id", "calls_today", "full_name", "user_group"),
    *("user_level", "pause_code", "real_time_sub_status", "phone_number", "vendor_lead_code", "session_id"),
)
_OF_ALL: Final = (
    *("user", "campaign_id", "session_id", "status", "lead_id", "callerid", "calls_today", "full_name"),
    *("user_group", "user_level"),
)
_SUB: Final = ("pause_code", "sub_status")


async def agent_status(call: NonAgentCall) -> str:
    """One row."""
    agent = await _asked(call)
    lead = await call.services.desk.get(lead_of(agent))
    session = agent.agent.session
    row = (
        status_of(agent),
        agent.call_id,
        lead_of(agent),
        session.campaign,
        str(agent.agent.calls_today),
        agent.who.name,
        agent.who.group,
        str(agent.who.level),
        session.pause_reason,
        agent.agent.sub_status.upper(),
        lead.phone_number if lead else "",
        lead.vendor_lead_code if lead else "",
        session.room,
    )
    return rows(call, _COLUMNS, [row])


async def _asked(call: NonAgentCall) -> Seen:
    name = call["agent_user"]
    if not name:
        raise Answer(call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, name))
    who = await call.services.access.principal(name)
    if who is None or not call.sees(who):
        raise Answer(call.line("ERROR", "AGENT NOT FOUND", call.user, name))
    call.check_limits(agent=name)
    session = await call.services.agents.session(name)
    found = await seen(call, [session] if session else [], list(await call.services.reports.open_calls()))
    if not found:
        raise Answer(call.line("ERROR", "AGENT NOT LOGGED IN", call.user, name))
    return found[0]


async def logged_in_agents(call: NonAgentCall) -> str:
    """A row for each, by user."""
    campaigns, groups = names(call["campaigns"]), names(call["user_groups"])
    agents, _ = await all_seen(call)
    wanted = [
        one
        for one in agents
        if (not campaigns or one.agent.session.campaign in campaigns)
        and (not groups or one.who.group in groups)
    ]
    if not wanted:
        return call.line("ERROR", "NO LOGGED IN AGENTS", call.user, call["agent_user"])
    more = call["show_sub_status"] == "YES"
    return rows(call, (*_OF_ALL, *_SUB) if more else _OF_ALL, [_row(one, more=more) for one in wanted])


def _row(one: Seen, *, more: bool) -> tuple[str, ...]:
    session = one.agent.session
    row = (
        session.user,
        session.campaign,
        session.room,
        status_of(one),
        lead_of(one),
        one.call_id,
        str(one.agent.calls_today),
        one.who.name,
        one.who.group,
        str(one.who.level),
    )
    return (*row, session.pause_reason, one.agent.sub_status.upper()) if more else row
