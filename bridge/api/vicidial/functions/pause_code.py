"""`pause_code`: say why the agent is paused."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, success
from bridge.errors import NotPaused

MAX_CODE = 6
"""Characters of a pause code."""


async def pause_code(call: FunctionCall) -> str:
    """Set the code of the pause that she is in, wrap-up included; it need not be a known one."""
    value = call["value"]
    if not 1 <= len(value) <= MAX_CODE or not call.names_agent():
        return error("pause_code not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    try:
        await call.services.agents.set_pause_code(agent.user, value, asked_by=call.principal.user)
    except NotPaused:
        raise Answer(error("pause_code error - agent is not paused", agent.user)) from None
    return success("pause_code function sent", agent.user)
