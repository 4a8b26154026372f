"""`refresh_panel`: have panels of the agent's screen loaded anew; she needs no lead for that."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.parameters import RELOADS
from bridge.api.vicidial.reply import error, success


async def refresh_panel(call: FunctionCall) -> str:
    """Refresh the panels whose names were sent."""
    user = call["agent_user"]
    if not user:
        return error("agent_user not valid", user)
    call.check_permission(call["value"])
    await call.own_session()
    panels = [name for name in RELOADS if call.parameters.sent(name)]
    if not panels:
        return error("no panels have been defined", user)
    await call.services.screens.refresh(user, panels)
    return success("refresh_panel request sent", call.principal.user, user, "1", ",".join(panels), "")
