"""`call_agent`: ring the agent's phone again, into the session that she has."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, success
from bridge.errors import NoRoom, NoSuchPhone


async def call_agent(call: FunctionCall) -> str:
    """Ring it; when it is seated, the phone that she had is hung up. Not for agents who are on hook."""
    value = call["value"]
    if value != "CALL" or not call.names_agent():
        return error("call_agent not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    try:
        await call.services.phones.call_again(agent.user, asked_by=call.principal.user)
    except (NoSuchPhone, NoRoom):
        raise Answer(error("call_agent error - entry is empty", agent.user)) from None
    return success("call_agent function sent", agent.user)
