"""`preview_dial_action`: dial, skip or put away what the agent looks at."""

from __future__ import annotations

from typing import Final, get_args

from bridge.agents.model import AgentSession, AgentState
from bridge.api.by_hand import forbidden_by
from bridge.api.vicidial.by_hand import check_may_dial
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, success
from bridge.campaigns.model import Campaign
from bridge.errors import NotPaused
from bridge.services import PreviewAction

ACTIONS: Final[dict[str, PreviewAction]] = {action: action for action in get_args(PreviewAction)}


async def preview_dial_action(call: FunctionCall) -> str:
    """Do this with what the agent looks at. Where she looks at nothing it is a success, too."""
    value = call["value"]
    if value not in ACTIONS or not call.names_agent():
        fields = (value, "", call["agent_user"], call["alt_user"])
        raise Answer(error("preview_dial_action not valid", *fields), ends_page=False)
    call.check_permission(value)
    agent = await call.session()
    await _check_campaign(call, agent)
    if agent.state not in (AgentState.PAUSED, AgentState.WRAPUP):
        raise Answer(_not_paused(agent), ends_page=False)
    await check_may_dial(call, agent)
    try:
        await call.services.manual.act(agent.user, ACTIONS[value], asked_by=call.principal.user)
    except NotPaused:
        raise Answer(_not_paused(agent), ends_page=False) from None
    return success("preview_dial_action function set", value, agent.user, value)


async def _check_campaign(call: FunctionCall, agent: AgentSession) -> None:
    campaign = await call.services.site.get(Campaign, agent.campaign) or Campaign(id="NONE")
    refusal = forbidden_by(campaign, ACTIONS[call["value"]])
    if refusal is not None:
        why, setting = refusal
        raise Answer(error(why, agent.user, agent.campaign, setting))


def _not_paused(agent: AgentSession) -> str:
    return error("agent_user is not paused", agent.user)
