"""`external_pause`: pause or resume the agent."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, success
from bridge.errors import NotPaused


async def external_pause(call: FunctionCall) -> str:
    """Pause in any state (after the call, if she is in one); resume only from a pause.

    `value` has only to contain the word PAUSE or RESUME; RESUME counts where both stand.
    """
    value = call["value"]
    if not ("PAUSE" in value or "RESUME" in value) or not call.names_agent(alt_user=1):
        return error("external_pause not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    if "RESUME" in value:
        await _resume(call, agent.user)
    else:
        await call.services.agents.pause(agent.user, "", asked_by=call.principal.user)
    return success("external_pause function set", value, str(call.epoch), agent.user)


async def _resume(call: FunctionCall, user: str) -> None:
    try:
        await call.services.agents.resume(user, asked_by=call.principal.user)
    except NotPaused:
        raise Answer(error("external_pause agent is not paused", call["value"], user)) from None
