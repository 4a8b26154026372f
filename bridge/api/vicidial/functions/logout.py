"""`logout`: end the agent's session, after the call if she is in one."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, success


async def logout(call: FunctionCall) -> str:
    """Log the agent out; `value` has only to contain the word."""
    value = call["value"]
    if "LOGOUT" not in value or not call.names_agent(alt_user=1):
        return error("logout not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    await call.services.agents.logout(agent.user, asked_by=call.principal.user)
    return success("logout function set", value, str(call.epoch), agent.user)
