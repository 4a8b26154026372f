"""`transfer_conference`: third parties, and passing the customer on.

Reply lines, checks and their order are the format's. What is dialled passes the gate, whatever
`dial_override` says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from bridge.agents.model import AgentSession
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.caller_id import of_group_alias
from bridge.api.vicidial.functions.in_groups import active_in_group
from bridge.api.vicidial.reply import Answer, error, success
from bridge.audit.entry import here
from bridge.calls.model import Call
from bridge.errors import DialRefused, MessageNotAllowed, NoCall
from bridge.services import DialRequest, Party

AGENT_DIRECT: Final = "AGENTDIRECT"
"""In-groups whose names begin so hand the customer to the agent that `phone_number` names."""
SHORTEST: Final = 6
"""Digits of a number that is called along with others."""
MOST: Final = 10
"""Numbers that ring at the same time."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A transfer that has passed the checks of its own kind."""

    call: FunctionCall
    agent: AgentSession
    customer: Call
    in_group: str = ""

    @property
    def for_user(self) -> str:
        return self.call["phone_number"] if self.in_group.startswith(AGENT_DIRECT) else ""


_Transfer: TypeAlias = Callable[[_Asked], Awaitable[str]]
"""Does it; gives what the reply has behind its last bar."""


async def transfer_conference(call: FunctionCall) -> str:
    """Carry one of the seven commands out."""
    value = call["value"]
    if len(value) < 8 or not call.names_agent():
        return error("transfer_conference not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    customer = await _customer(call, agent)
    transfer = _TRANSFERS.get(value)
    if transfer is None or (value in _NEED_NUMBER and not _has_number(call)):
        return error("value is not valid", value, call.principal.user)
    in_group = await _in_group(call, agent)
    asked = _Asked(call, agent, customer, in_group)
    call.check_limits(agent=asked.for_user or None)
    try:
        more = await transfer(asked)
    except (DialRefused, MessageNotAllowed) as refused:
        here().refuse(refused.details.get("rule") or refused.error_id)
        why = str(refused).rstrip(".")
        return error(f"transfer_conference refused, {why}", value, call["phone_number"], agent.user)
    except NoCall:
        return _no_call(agent)
    said = (value, in_group, call["phone_number"], _consultative(call), agent.user, customer.legacy_id)
    return success("transfer_conference function set", *said, more)


async def _customer(call: FunctionCall, agent: AgentSession) -> Call:
    try:
        return await call.services.conference.call_of(agent.user)
    except NoCall:
        raise Answer(_no_call(agent)) from None


def _no_call(agent: AgentSession) -> str:
    return error("agent_user does not have a live call", agent.user)


def _consultative(call: FunctionCall) -> str:
    return "YES" if call["consultative"] == "YES" else "NO"


def _has_number(call: FunctionCall) -> bool:
    to_a_queue = call["value"] != "BLIND_TRANSFER" and call["consultative"] == "YES"
    return to_a_queue or len(call["phone_number"]) > 1


async def _in_group(call: FunctionCall, agent: AgentSession) -> str:
    """The in-group that is meant, if the command needs one; DEFAULTINGROUP is the campaign's."""
    needed = call["value"] == "LOCAL_CLOSER" or (call["value"] in _DIALS and call["consultative"] == "YES")
    return await active_in_group(call, agent.campaign) if needed else ""


async def _closer(asked: _Asked) -> str:
    await of_group_alias(asked.call, asked.agent)
    await asked.call.services.transfers.to_queue(asked.agent.user, asked.in_group, for_user=asked.for_user)
    return ""


async def _blind(asked: _Asked) -> str:
    caller_id = await of_group_alias(asked.call, asked.agent)
    request = _request(asked, asked.call["phone_number"], caller_id)
    await asked.call.services.transfers.to_number(asked.agent.user, request)
    return ""


async def _dial(asked: _Asked) -> str:
    call, user = asked.call, asked.agent.user
    park = call["value"] == "PARK_CUSTOMER_DIAL"
    caller_id = await of_group_alias(call, asked.agent) or await _chosen(asked)
    numbers, told = await _numbers(asked)
    if asked.in_group:
        await call.services.conference.consult(user, asked.in_group, for_user=asked.for_user, park=park)
    else:
        requests = [_request(asked, number, caller_id) for number in numbers]
        await call.services.conference.dial_third(user, requests, park=park)
    return told


async def _numbers(asked: _Asked) -> tuple[list[str], str]:
    """Whom to ring, and what the reply says of several."""
    call, user = asked.call, asked.agent.user
    legs = await call.services.conference.third_parties(user)
    if call["tw_check"] == "YES" and legs:
        fields = (user, str(len(legs)), "0", "YES")
        raise Answer(error("agent_user has current active 3-way call", *fields))
    if not call["multi_dial_phones"]:
        return [call["phone_number"]], ""
    volleys = {leg.volley for leg in legs if leg.volley}
    if call["md_check"] == "YES" and volleys:
        fields = (user, str(len(volleys)), "0", "YES")
        raise Answer(error("agent_user has previous active 3-way calls", *fields))
    given = call["multi_dial_phones"].split(",")
    valid = list(dict.fromkeys(one for one in given if one.isdecimal() and len(one) >= SHORTEST))[:MOST]
    numbers = list(dict.fromkeys([call["phone_number"], *valid]))
    return [number for number in numbers if number], f"Multi-phones: {len(valid)} {len(given)} {len(valid)}|"


async def _chosen(asked: _Asked) -> str:
    """The number that `cid_choice` names; empty: the campaign's."""
    choice = asked.call["cid_choice"]
    if choice == "CUSTOMER":
        return asked.customer.number
    if choice == "AGENT_PHONE" and asked.agent.phone.isdecimal():
        return asked.agent.phone
    if choice not in {"", "CAMPAIGN", "AGENT_PHONE", "CUSTOM_CID"}:
        raise Answer(error("cid_choice is not valid", asked.agent.user, choice))
    return ""


def _request(asked: _Asked, number: str, caller_id: str) -> DialRequest:
    return DialRequest(
        number="".join(sign for sign in number if sign.isdecimal()),
        phone_code=asked.call["phone_code"],
        caller_id=caller_id,
        asked_by=asked.call.principal.user,
        source=asked.call["source"],
    )


async def _hang_up_third(asked: _Asked) -> str:
    await asked.call.services.conference.hangup(asked.agent.user, Party.THIRD)
    return ""


async def _hang_up_both(asked: _Asked) -> str:
    await asked.call.services.conference.hangup_both(asked.agent.user)
    return ""


async def _leave(asked: _Asked) -> str:
    await asked.call.services.transfers.leave(asked.agent.user)
    return ""


async def _leave_message(asked: _Asked) -> str:
    await asked.call.services.transfers.leave_message(asked.agent.user)
    return ""


_DIALS: Final = ("DIAL_WITH_CUSTOMER", "PARK_CUSTOMER_DIAL")
_NEED_NUMBER: Final = ("BLIND_TRANSFER", *_DIALS)
_TRANSFERS: Final[Mapping[str, _Transfer]] = {
    "HANGUP_XFER": _hang_up_third,
    "HANGUP_BOTH": _hang_up_both,
    "BLIND_TRANSFER": _blind,
    "LEAVE_VM": _leave_message,
    "LOCAL_CLOSER": _closer,
    "LEAVE_3WAY_CALL": _leave,
    **dict.fromkeys(_DIALS, _dial),
}
