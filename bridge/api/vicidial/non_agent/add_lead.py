"""`add_lead`: add a lead, with what is asked to be checked before and done with it."""

from __future__ import annotations

from typing import Final, NamedTuple

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.callbacks import callback_of
from bridge.api.vicidial.non_agent.custom import custom_of
from bridge.api.vicidial.non_agent.lists import allowed, list_of
from bridge.api.vicidial.non_agent.new_lead import Made, lead_fields
from bridge.api.vicidial.non_agent.phone_checks import check_dnc, check_number, hours_text
from bridge.api.vicidial.reply import Answer, error, notice, success
from bridge.campaigns.model import Campaign
from bridge.leads.adding import Adding, ToHopper
from bridge.leads.alternates import MOST, AltNumber
from bridge.leads.duplicates import Duplicate, What, Where, checks
from bridge.leads.errors import InvalidLead
from bridge.leads.model import LeadList

DEFAULT_LIST: Final = "999"
_LEAST_DIGITS: Final = 3
_MOST_DIGITS: Final = 18
_ALTERNATES: Final = 2
"""Parts of another number behind it: the country's code and a note."""


class _Numbers(NamedTuple):
    """Other numbers, and how the original prints them."""

    numbers: tuple[AltNumber, ...] = ()
    shown: str = ""


async def add_lead(call: NonAgentCall) -> str:
    """Check what is asked to be checked, then add all at once."""
    number = call["phone_number"].replace(",", "")
    own = await _list(call, number)
    notes = check_number(call, number)
    await check_dnc(call, number)
    try:
        return notes + await _add(call, number, own, "NEW")
    except InvalidLead as wrong:
        why = f"{wrong.field} {wrong.why}"
        return notes + error("add_lead LEAD HAS NOT BEEN ADDED", number, own.list_id, why, call.user)


class _List(NamedTuple):
    list_id: str
    known: LeadList | None


async def _list(call: NonAgentCall, number: str) -> _List:
    """The list that it goes into.

    Raises:
        Answer: the caller may not use it, or it is not there and has to be.
    """
    asked = "".join(filter(str.isdecimal, call["list_id"]))
    list_id = asked if len(asked) >= _LEAST_DIGITS else DEFAULT_LIST
    if len(list_id) > _MOST_DIGITS or not await allowed(call, asked if call.restricted else list_id):
        raise Answer(error("add_lead NOT AN ALLOWED LIST ID", number, asked))
    known = await list_of(call, list_id)
    if known is None and call.yes("list_exists_check"):
        why = "add_lead NOT A DEFINED LIST ID, LIST EXISTS CHECK ENABLED"
        raise Answer(error(why, number, list_id))
    return _List(list_id, known)


async def insert_lead(call: NonAgentCall, number: str, list_id: str, status: str) -> str:
    """Add a lead that was looked for and not found; the lines (`InvalidLead`)."""
    return await _add(call, number, _List(list_id, await list_of(call, list_id)), status)


async def _add(call: NonAgentCall, number: str, own: _List, status: str) -> str:
    told = call.function
    custom = custom_of(call, own.known)
    made = lead_fields(call, number, own.list_id, custom, status=status)
    numbers = _numbers(call)
    callback, callback_line = await callback_of(call)
    campaign = await _campaign(own)
    hopper, closed = None, False
    if call.yes("add_to_hopper") and not call.yes("remove_from_hopper"):
        closed = not await _may_be_dialled(call, made, campaign, own)
        hopper = None if closed else ToHopper(campaign=campaign, priority=call.priority)
    added = await call.services.desk.add(
        Adding(
            lead=made.lead,
            source=call["source"],
            unless=checks(call["duplicate_check"]),
            numbers=numbers.numbers,
            hopper=hopper,
            callback=callback,
        )
    )
    if added.duplicate is not None:
        return _duplicate(call, made, added.duplicate)
    lead_id, offset = str(added.lead_id), hours_text(made.lead.gmt_offset_minutes)
    lines = [success(f"{told} LEAD HAS BEEN ADDED", number, own.list_id, lead_id, offset, call.user)]
    if numbers.numbers:
        count = str(len(numbers.numbers))
        line = notice(f"{told} MULTI-ALT-PHONE NUMBERS LOADED", count, lead_id, call.user)
        lines.append(numbers.shown + line)
    lines.append(custom.line(told, number, lead_id, own.list_id))
    if closed:
        why = f"{told} NOT ADDED TO HOPPER, OUTSIDE OF LOCAL TIME"
        lines.append(notice(why, number, lead_id, offset, "0", call.user))
    elif hopper is not None:
        hopper_id = str(added.hopper_id or "")
        lines.append(notice(f"{told} ADDED TO HOPPER", number, lead_id, hopper_id, call.user))
    lines.append(callback_line(lead_id))
    return "".join(lines)


async def _campaign(own: _List) -> str:
    return own.known.campaign if own.known else ""


async def _may_be_dialled(call: NonAgentCall, made: Made, campaign: str, own: _List) -> bool:
    if not call.yes("hopper_local_call_time_check") or own.known is None:
        return True
    found = await call.services.site.get(Campaign, campaign)
    return found is None or await call.services.desk.is_open(made.lead, found, call.now)


def _numbers(call: NonAgentCall) -> _Numbers:
    found: list[AltNumber] = []
    shown = ""
    for part in call["multi_alt_phones"].split("!")[:MOST]:
        number, code, note = (*part.split("_", _ALTERNATES), "", "")[:3]
        digits = "".join(filter(str.isdecimal, number))
        if digits:
            found.append(AltNumber(number=digits, phone_code=code or "1", note=note))
            shown += f"{digits}|{code}|{note}"
    return _Numbers(tuple(found), shown)


_WHERE: Final = {Where.LIST: "LIST", Where.CAMPAIGN: "CAMPAIGN LISTS", Where.SYSTEM: "SYSTEM"}


def _duplicate(call: NonAgentCall, made: Made, found: Duplicate) -> str:
    """The line for a lead that is there already."""
    check, lead = found.check, made.lead
    reason, fields = {
        What.PHONE: ("PHONE NUMBER", (lead.phone_number,)),
        What.PHONE_OR_ALT: ("PHONE NUMBER", (lead.phone_number,)),
        What.TITLE_ALT: ("TITLE ALT_PHONE", (lead.title, lead.alt_phone)),
        What.NAME_PHONE: ("NAME PHONE", (lead.first_name, lead.last_name, lead.phone_number)),
    }[check.what]
    there = (str(lead.list_id), str(found.lead_id))
    more = () if check.where is Where.LIST else (str(found.list_id),)
    field = (found.field,) if check.what is What.PHONE_OR_ALT else ()
    text = f"{call.function} DUPLICATE {reason} IN {_WHERE[check.where]}"
    return error(text, *fields, *there, *more, *field)
