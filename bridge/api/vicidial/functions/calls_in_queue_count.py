"""`calls_in_queue_count`: how many callers wait for the agent."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, success


async def calls_in_queue_count(call: FunctionCall) -> str:
    """Count those of her in-groups, and those of her campaign whom the dialler has called."""
    value = call["value"]
    if value != "DISPLAY" or not call.names_agent():
        return error("calls_in_queue_count not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    waiting = await call.services.in_groups.waiting(agent)
    return success("calls_in_queue_count", str(waiting)).removesuffix("\n")
