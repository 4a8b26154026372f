"""`send_dtmf`: press keys in the agent's room."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, success

KEYS: Final = {"P": "#", "S": "*", "Q": "ww"} | {digit: digit for digit in "0123456789ABCD"}
"""What each character stands for; Q is a second of silence. Others are passed over."""
MOST: Final = 100
"""Characters that are taken: the width of the column that callers know."""


async def send_dtmf(call: FunctionCall) -> str:
    """Press the keys one after another; everybody in the room hears them, the customer too."""
    value = call["value"]
    if not value or not call.names_agent():
        return error("send_dtmf not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    keys = "".join(KEYS.get(sign, "") for sign in value[:MOST])
    if keys:
        await call.services.conference.press(agent.user, keys)
    return success("send_dtmf function set", value, agent.user)
