"""`park_call`: hold music for the customer or the third party, and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final, TypeAlias

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, success
from bridge.errors import NoCall
from bridge.services import Conference, Party

_Command: TypeAlias = Callable[[Conference, str], Awaitable[None]]


async def _hang_up_and_grab(room: Conference, user: str) -> None:
    await room.hangup(user, Party.THIRD)
    await room.grab(user, Party.CUSTOMER)


COMMANDS: Final[Mapping[str, _Command]] = {
    "HANGUP_XFER_GRAB_CUSTOMER": _hang_up_and_grab,
    "SWAP_PARK_CUSTOMER": lambda room, user: room.swap(user, Party.CUSTOMER),
    "SWAP_PARK_XFER": lambda room, user: room.swap(user, Party.THIRD),
    "PARK_IVR_CUSTOMER": lambda room, user: room.park(user, Party.CUSTOMER, ivr=True),
    "GRAB_IVR_CUSTOMER": lambda room, user: room.grab(user, Party.CUSTOMER),
    "PARK_CUSTOMER": lambda room, user: room.park(user, Party.CUSTOMER),
    "GRAB_CUSTOMER": lambda room, user: room.grab(user, Party.CUSTOMER),
    "PARK_XFER": lambda room, user: room.park(user, Party.THIRD),
    "GRAB_XFER": lambda room, user: room.grab(user, Party.THIRD),
}
"""In this order: a value has only to contain one of them, and some contain others."""


async def park_call(call: FunctionCall) -> str:
    """Park or grab; a party that is not there is passed over."""
    value = call["value"]
    name = next((name for name in COMMANDS if name in value), "")
    if not name or not call.names_agent():
        return error("park_call not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    if agent.lead_id is None and agent.call_id is None:
        return error("agent_user does not have a lead on their screen", agent.user)
    with suppress(NoCall):  # the customer has just gone
        await COMMANDS[name](call.services.conference, agent.user)
    return success("park_call function set", value, agent.user)
