"""`external_hangup`: hang up the customer."""

from __future__ import annotations

from contextlib import suppress

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, success
from bridge.errors import NoCall


async def external_hangup(call: FunctionCall) -> str:
    """Hang up the call that the agent has. Without one it is a success too, as callers expect."""
    value = call["value"]
    if not value or not call.names_agent():
        return error("external_hangup not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    with suppress(NoCall):
        await call.services.agents.hangup(agent.user, asked_by=call.principal.user)
    return success("external_hangup function set", value, agent.user)
