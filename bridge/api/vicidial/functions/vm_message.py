"""`vm_message`: say which sounds are left on an answering machine, should the agent leave a message."""

from __future__ import annotations

import re

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, success
from bridge.audit.entry import here
from bridge.errors import MessageNotAllowed, NoCall

MOST = 20
"""Sounds in one message."""
_SOUND = re.compile(r"[A-Za-z0-9_-]{1,100}(/[A-Za-z0-9_-]{1,100})*")


async def vm_message(call: FunctionCall) -> str:
    """Keep them with the call; `lead_id` has to be that of the call, if it is sent."""
    lead_id, value = call["lead_id"], call["value"]
    if not value or not call.names_agent():
        return error("vm_message not valid", lead_id, value, call["agent_user"])
    call.check_permission(lead_id)
    agent = await call.session()
    sounds = [sound for sound in value.split("|") if sound]
    try:
        live = await call.services.screens.call(agent.user)
        if lead_id and lead_id != str(live.lead_id or 0):
            return error("current call does not match lead_id submitted", agent.user)
        _check(call, sounds)
        await call.services.screens.keep_messages(agent.user, sounds)
    except MessageNotAllowed as refused:
        here().refuse(refused.rule)
        return error(f"vm_message refused, {refused}", lead_id, value, agent.user)
    except NoCall:
        return error("agent_user does not have a live call", agent.user)
    return success("vm_message function set", agent.user, str(live.lead_id or 0), value, "")


def _check(call: FunctionCall, sounds: list[str]) -> None:
    if not 1 <= len(sounds) <= MOST or not all(_SOUND.fullmatch(sound) for sound in sounds):
        raise Answer(error("vm_message not valid", call["lead_id"], call["value"], call["agent_user"]))
