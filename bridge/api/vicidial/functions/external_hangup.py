"""`external_hangup`: hang up the customer."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, success
from bridge.calls.errors import Reason
from bridge.errors import InvalidState, NoCall

_OVER = (Reason.OVER, Reason.DISPOSED)


async def external_hangup(call: FunctionCall) -> str:
    """Hang up the call that the agent has. Without one, or after its end, it is a success too."""
    value = call["value"]
    if not value or not call.names_agent():
        return error("external_hangup not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    try:
        await call.services.agents.hangup(agent.user, asked_by=call.principal.user)
    except NoCall:
        pass
    except InvalidState as late:  # the customer was quicker, or it was asked for twice
        if late.details.get("reason") not in _OVER:
            raise
    return success("external_hangup function set", value, agent.user)
