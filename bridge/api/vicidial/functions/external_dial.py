"""`external_dial`: place a manual call for the agent, show it to her first, or let it wait for her.

The checks, their order and their lines are the format's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridge.agents.model import AgentSession, AgentState
from bridge.api.by_hand import NEXT_LEAD, number_of
from bridge.api.vicidial.by_hand import check_may_dial, of_refusal
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.caller_id import of_group_alias
from bridge.api.vicidial.reply import Answer, error, notice, success
from bridge.campaigns.model import ApiManualDial
from bridge.errors import AlreadyQueued, DialRefused, NoLeadLeft, NoSuchLead, NotPaused
from bridge.services import DialRequest, LeadNumbers

MAX_VENDOR_ID = 255
"""Characters of a lead's `vendor_lead_code`."""
_NOT_DIGITS = re.compile(r"[^0-9]")
_PREFIX = re.compile(r"[0-9]{1,20}")
_CALLER_ID = re.compile(r"[0-9]{2,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Whom to call."""

    number: str
    phone_code: str
    alt_dial: str
    """Which number of the lead it is, as the reply names it."""


async def external_dial(call: FunctionCall) -> str:
    """Dial a number, a number of a lead, or the next lead, out of the agent's room."""
    value = call["value"] if call["value"] == NEXT_LEAD else _digits(call["value"])
    _check_parameters(call, value)
    call.check_permission(value)
    agent = await call.session()
    in_group = await _in_group(call)
    await _check_agent(call, agent, value, in_group)
    group_alias, caller_id = await _caller_id(call, agent)
    _check_prefix(call, agent)
    target = await _target(call, agent, value)
    _check_vtiger(call, target)
    _check_vendor_id(call, agent)
    await _dial(call, agent, target, _request(call, target, caller_id, in_group))
    asked = (call["phone_code"] if not call["lead_id"] else target.phone_code, *_options(call))
    rest = (str(call.epoch), call["dial_prefix"], group_alias, caller_id, target.alt_dial)
    return success("external_dial function set", target.number, agent.user, *asked, *rest)


def _options(call: FunctionCall) -> tuple[str, str, str, str]:
    return call["search"], call["preview"], call["focus"], call["vendor_id"]


def _check_parameters(call: FunctionCall, value: str) -> None:
    switches = (call["search"], call["preview"], call["focus"])
    if (
        (len(value) < 2 and not call["lead_id"])
        or not call.names_agent(agent_user=2)
        or any(len(switch) < 2 for switch in switches)
    ):
        fields = (value, call["phone_code"], *switches, call["lead_id"], call["agent_user"], call["alt_user"])
        raise Answer(error("external_dial not valid", *fields), ends_page=False)


async def _in_group(call: FunctionCall) -> str:
    """The in-group in whose name is called; one that is not there is told, and then none is."""
    in_group = call["dial_ingroup"]
    if in_group and not await call.services.lookups.has_in_group(in_group):
        call.told.append(notice("defined dial_ingroup not found", in_group))
        return ""
    return in_group


async def _check_agent(call: FunctionCall, agent: AgentSession, value: str, in_group: str) -> None:
    """Paused and free (or told to let the call wait), and allowed to dial."""
    queued = await call.services.lookups.manual_dial_mode(agent.campaign) != ApiManualDial.STANDARD
    if not (_is_free(agent) or queued or in_group or await _is_repeated(call, agent, value)):
        raise Answer(_not_paused(agent), ends_page=False)
    await check_may_dial(call, agent)


async def _is_repeated(call: FunctionCall, agent: AgentSession, value: str) -> bool:
    """Whether it is the second click of a double click: she is busy with the call of the first one."""
    try:
        target = await _target(call, agent, value)
    except Answer:
        return False
    return await call.services.manual.repeated(agent, _request(call, target, "", ""))


async def _caller_id(call: FunctionCall, agent: AgentSession) -> tuple[str, str]:
    """The group alias to print and the number to show; one that is named outright wins over an alias's."""
    shown = await of_group_alias(call, agent)
    setting, wanted = call.services.options.outbound_cid, call["outbound_cid"]
    if len(wanted) <= 1:
        return call["group_alias"], shown
    if setting != "API_ONLY":
        raise Answer(error("outbound_cid is not allowed on this system", agent.user, wanted, setting))
    if not _CALLER_ID.fullmatch(wanted):
        raise Answer(error("outbound_cid is not valid", agent.user, wanted[:40]))
    if not await call.services.site.is_own(wanted):
        raise Answer(error("outbound_cid is not one of the numbers of this system", agent.user, wanted))
    return "-FORCE-", wanted


def _check_prefix(call: FunctionCall, agent: AgentSession) -> None:
    """It is dialled: the original puts letters into the dial string, too."""
    prefix = call["dial_prefix"]
    if prefix and not _PREFIX.fullmatch(prefix):
        raise Answer(error("dial_prefix is not valid", agent.user, prefix[:40]))


async def _target(call: FunctionCall, agent: AgentSession, value: str) -> _Target:
    """The number itself, or with `lead_id` the lead's: the main one, or the one that `alt_dial` picks."""
    lead_id, alt_dial = call["lead_id"], call["alt_dial"]
    if not lead_id:
        return _Target(number=value, phone_code=call["phone_code"], alt_dial=alt_dial)
    lead = await call.services.lookups.lead(int(lead_id)) if len(lead_id) < 19 else None
    if lead is None:
        raise Answer(error("lead_id is not valid", agent.user, lead_id))
    call.check_limits(lead_list=lead.list_id)
    if alt_dial == "SEARCH":
        alt_dial = _which(lead, value)
        if not alt_dial:
            raise Answer(error("phone number lead_id search not found", agent.user, "", lead_id, ""))
    number = number_of(lead, alt_dial)
    if len(number) < 2:
        raise Answer(error("phone number is not valid", agent.user, number, lead_id, alt_dial))
    return _Target(number=number, phone_code=lead.phone_code, alt_dial=alt_dial)


def _which(lead: LeadNumbers, number: str) -> str:
    numbers = {"MAIN": lead.phone_number, "ALT": lead.alt_phone, "ADDR3": lead.address3}
    return next((name for name, known in numbers.items() if known == number), "")


def _check_vtiger(call: FunctionCall, target: _Target) -> None:
    """There is no Vtiger beside the bridge in which to look an activity up."""
    if "YES" in call["vtiger_callback"] and target.number.startswith("99"):
        raise Answer(error("vtiger callback activity does not exist in vtiger system", target.number))


def _check_vendor_id(call: FunctionCall, agent: AgentSession) -> None:
    """It is kept with the lead that a dial makes."""
    if len(call["vendor_id"]) > MAX_VENDOR_ID:
        raise Answer(error("vendor_id is not valid", agent.user, call["vendor_id"][:40]))


def _request(call: FunctionCall, target: _Target, caller_id: str, in_group: str) -> DialRequest:
    return DialRequest(
        number=target.number,
        phone_code=target.phone_code,
        lead_id=int(call["lead_id"]) if call["lead_id"] else None,
        search=call["search"] == "YES",
        vendor_id=call["vendor_id"],
        caller_id=caller_id,
        dial_prefix=call["dial_prefix"],
        queue=in_group,
        next_lead=target.number == NEXT_LEAD,
        preview=call["preview"] == "YES",
        focus=call["focus"] == "YES",
        asked_by=call.principal.user,
        source=call["source"],
    )


async def _dial(call: FunctionCall, agent: AgentSession, target: _Target, request: DialRequest) -> None:
    try:
        await call.services.manual.ask(agent.user, request, seen=agent)
    except NotPaused:
        raise Answer(_not_paused(agent), ends_page=False) from None
    except AlreadyQueued:
        why = "phone_number is already in this agents manual dial queue"
        raise Answer(error(why, agent.user, target.number)) from None
    except NoLeadLeft:
        raise Answer(error("no lead is left to dial", agent.user, agent.campaign)) from None
    except NoSuchLead:
        raise Answer(error("lead_id is not valid", agent.user, call["lead_id"])) from None
    except DialRefused as refused:
        fields = (agent.user, target.number, call["lead_id"], target.alt_dial)
        raise Answer(error(of_refusal(call, refused, "phone number is not valid"), *fields)) from None


def _is_free(agent: AgentSession) -> bool:
    return agent.state is AgentState.PAUSED and agent.lead_id is None and agent.call_id is None


def _not_paused(agent: AgentSession) -> str:
    return error("agent_user is not paused", agent.user)


def _digits(value: str) -> str:
    return _NOT_DIGITS.sub("", value)
