"""`set_timer_action`: have the agent's screen do something at a time in her call."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, success
from bridge.screens.model import MAX_SECONDS, Timer, TimerAction


async def set_timer_action(call: FunctionCall) -> str:
    """Set it, in the place of what was set before; `NONE` only takes that back.

    `notes` is what the agent reads, `rank` the seconds from the begin of the call.
    """
    user, value = call["agent_user"], call["value"]
    if not user or value not in frozenset(TimerAction):
        return error("set_timer_action not valid", user, value)
    call.check_permission(value)
    await call.own_session()
    if not call.has_rights():
        return error("user is not allowed to modify campaign settings", user, call.principal.user)
    seconds = min(int(call["rank"][:9] or 0), MAX_SECONDS)
    timer = Timer(action=TimerAction(value), message=call["notes"], seconds=seconds)
    await call.services.screens.set_timer(user, timer)
    return success(
        "set_timer_action lead updated", call.principal.user, user, value, call["notes"], call["rank"]
    )
