"""`force_fronter_leave_3way`, `force_fronter_audio_stop`: command the agent who passed the customer on."""

from __future__ import annotations

from typing import Final

from bridge.agents.model import AgentSession, AgentState
from bridge.api.fronter import fronter_of
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, success
from bridge.errors import NoRoom, NoSound

WHERE: Final = ("LOCAL_ONLY", "LOCAL_AND_CCC", "CCC_REMOTE")
"""Where the other agent may be. There are no other clusters here: all of them mean this bridge."""
REMOTE: Final = "CCC_REMOTE"
"""As `agent_user`: the question comes from another cluster, and `lead_id` says which call is meant."""


async def force_fronter_leave_3way(call: FunctionCall) -> str:
    """Let the other agent who talks with the same lead leave her customer with the agent named here."""
    value = call["value"]
    if value not in WHERE or not call.names_agent():
        return error("force_fronter_leave_3way not valid", value, call["agent_user"])
    call.check_permission(value)
    _, fronter = await _fronter(call)
    await call.services.transfers.leave(fronter.user)
    return f"SUCCESS: force_fronter_leave_3way SENT - {fronter.user}"


async def force_fronter_audio_stop(call: FunctionCall) -> str:
    """Stop the sound in the room of the other agent who talks with the same lead."""
    value, stage = call["value"], call["stage"]
    if value not in WHERE or not call.names_agent():
        return error("force_fronter_audio_stop not valid", value, call["agent_user"])
    call.check_permission(value)
    user, fronter = await _fronter(call)
    try:
        await call.services.playback.control(fronter.user, "stop")
    except NoRoom:
        why = "force_fronter_audio_stop error - no fronter session found"
        raise Answer(error(why, stage, user, fronter.user)) from None
    except NoSound:
        why = "force_fronter_audio_stop error - no audio playing in other agent session"
        where = (fronter.room, call.address(fronter), stage, user, fronter.user)
        raise Answer(error(why, *where)) from None
    return success("force_fronter_audio_stop function sent", value, stage, user, fronter.user)


async def _fronter(call: FunctionCall) -> tuple[str, AgentSession]:
    """The agent who is named, and the other one in a call with the same lead.

    Raises:
        Answer: there is none, or the agent named has no call.
        Forbidden: the caller is limited to others.
    """
    user, lead_id = await _lead(call)
    if lead_id is None:
        raise Answer(error("agent_user is not on a phone call", user))
    other = await fronter_of(call.services, user, lead_id)
    if other is None:
        raise Answer(error("no fronter found", user))
    call.check_limits(agent=other.user, campaign=other.campaign)  # she is commanded, too
    return user, other


async def _lead(call: FunctionCall) -> tuple[str, int | None]:
    if call["agent_user"] == REMOTE and call["value"] == REMOTE:
        lead = call["lead_id"]
        return REMOTE, int(lead) if lead and len(lead) < 19 and int(lead) else None
    agent = await call.session()
    return agent.user, agent.lead_id if agent.state is AgentState.INCALL else None
