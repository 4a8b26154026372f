"""`ra_call_control`: hang up or pass on the call of a remote agent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from bridge.agents.model import AgentSession
from bridge.api.vicidial.by_hand import of_refusal
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.functions.external_status import MAX_STATUS
from bridge.api.vicidial.functions.in_groups import active_in_group
from bridge.api.vicidial.reply import Answer, error, success
from bridge.errors import DialRefused, NoCall, NoSuchCall
from bridge.services import DialRequest, Party

DEFAULT_STATUS: Final = "RAXFER"

_Way: TypeAlias = Callable[[FunctionCall, AgentSession], Awaitable[None]]


async def ra_call_control(call: FunctionCall) -> str:
    """End the agent's part of a call; its status is given with it, and she waits for the next one."""
    value, stage = call["value"], call["stage"]
    if not value or not call["agent_user"] or not stage:
        return error("ra_call_control not valid", value, call["agent_user"], stage)
    call.check_permission(value)
    agent = await call.session()
    await _check_call(call, agent)
    way = _STAGES.get(stage)
    if way is None:
        return error("stage is not valid", stage)
    try:
        await way(call, agent)
    except (NoCall, NoSuchCall):  # it has just ended
        return error("no active call found", value)
    except DialRefused as refused:
        return error(of_refusal(call, refused, "phone_number is not valid"), call["phone_number"])
    if stage == "HANGUP":
        return success("ra_call_control hungup", agent.user, value, stage)
    return success("ra_call_control transfer", agent.user, value, call["phone_number"])


async def _check_call(call: FunctionCall, agent: AgentSession) -> None:
    try:
        hers = await call.services.conference.call_of(agent.user)
    except NoCall:
        hers = None
    if hers is None or call["value"] not in (hers.id, hers.legacy_id):
        raise Answer(error("no active call found", call["value"]))


async def _finish(call: FunctionCall, agent: AgentSession) -> None:
    status = call["status"][:MAX_STATUS] or DEFAULT_STATUS
    await call.services.transfers.finish(agent.user, call["value"], status)


async def _hang_up(call: FunctionCall, agent: AgentSession) -> None:
    await _finish(call, agent)
    await call.services.conference.hangup(agent.user, Party.CUSTOMER)


async def _to_number(call: FunctionCall, agent: AgentSession) -> None:
    number = "".join(sign for sign in call["phone_number"] if sign.isdecimal())
    if len(number) < 2:
        raise Answer(error("phone_number is not valid", call["phone_number"]))
    request = DialRequest(number=number, asked_by=call.principal.user, source=call["source"])
    await _finish(call, agent)
    await call.services.transfers.to_number(agent.user, request)


async def _to_queue(call: FunctionCall, agent: AgentSession) -> None:
    in_group = await active_in_group(call, agent.campaign)
    await _finish(call, agent)
    await call.services.transfers.to_queue(agent.user, in_group)


_STAGES: Final[Mapping[str, _Way]] = {
    "HANGUP": _hang_up,
    "EXTENSIONTRANSFER": _to_number,
    "INGROUPTRANSFER": _to_queue,
}
