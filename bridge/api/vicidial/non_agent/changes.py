"""What the parameters change of one lead, and what is told of it."""

from __future__ import annotations

from typing import Any, Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.callbacks import callback_of, changed_callback_of
from bridge.api.vicidial.non_agent.lists import list_of
from bridge.api.vicidial.non_agent.new_lead import as_date, as_gender, as_rank
from bridge.api.vicidial.non_agent.parameters import LEAD_TEXTS
from bridge.api.vicidial.reply import notice, success
from bridge.campaigns.model import Campaign
from bridge.dialer.model import HopperStatus
from bridge.leads.adding import ToHopper
from bridge.leads.changing import CallbackIs, Changed, Changing
from bridge.leads.fields import parsed
from bridge.leads.model import Lead
from bridge.leads.texts import gmt_offset

BLANK: Final = "--BLANK--"
"""Empties a field; a parameter that is empty changes nothing."""
_NUMBERS: Final = {
    "list_id_field": "list_id",
    "called_count": "called_count",
    "entry_list_id": "entry_list_id",
}
_NAMES: Final = {"user_field": "user", "phone_code": "phone_code", "status": "status"}
_READ: Final = {"date_of_birth": as_date, "gender": as_gender}
_MOST_DIGITS: Final = 18


def fields_of(call: NonAgentCall) -> dict[str, Any]:
    """New values of a lead's fields, by their names (`InvalidLead`)."""
    found: dict[str, Any] = {name: _text(call, name) for name in LEAD_TEXTS if call[name]}
    found |= {field: int(call[name][:_MOST_DIGITS]) for name, field in _NUMBERS.items() if call[name]}
    found |= {field: _text(call, name) for name, field in _NAMES.items() if call[name]}
    found |= {name: read(found[name]) for name, read in _READ.items() if name in found}
    if call["rank"]:
        found["rank"] = as_rank(call["rank"])
    if call["gmt_offset_now"]:
        found |= parsed({"gmt_offset_now": call["gmt_offset_now"]})
    if call.yes("update_phone_number") and call["phone_number"]:
        found["phone_number"] = call["phone_number"].replace(",", "")
    if call.yes("reset_lead"):
        found["called_since_last_reset"] = "N"
    return found


def _text(call: NonAgentCall, name: str) -> str:
    return "" if call[name] == BLANK else call[name]


async def change_lead(call: NonAgentCall, lead: Lead) -> str:
    """Change a lead as the caller asks; the lines that tell of it (`InvalidLead`)."""
    fields = fields_of(call)
    custom_list, custom, custom_line = await _custom(call, lead)
    wish, closed = await _to_hopper(call, lead, int(fields.get("list_id", lead.list_id)))
    leave, callback = call.yes("remove_from_hopper"), call["callback"]
    new_callback, callback_line = await callback_of(call)
    done = await call.services.desk.change(
        Changing(
            lead_id=lead.id,
            archived=call.yes("archived_lead"),
            fields=fields,
            custom=custom,
            custom_list=custom_list,
            drop_custom=call.yes("delete_cf_data"),
            delete=call.yes("delete_lead"),
            callback=new_callback,
            changed_callback=changed_callback_of(call),
            drop_callbacks=callback == "REMOVE",
            hopper=wish,
            leave_hopper=leave,
        )
    )
    lines = _main_lines(call, lead, done, changed=bool(fields))
    if call.yes("delete_lead"):
        return "".join(lines)
    lines += _callback_lines(call, lead, done, callback_line(str(lead.id)))
    if custom is not None:
        lines.append(f"{custom_line}|{done.custom_rows}\n")
    elif custom_line:
        lines.append(f"{custom_line}\n")
    lines += _hopper_lines(call, lead, done, closed=closed, leave=leave)
    return "".join(lines)


def _main_lines(call: NonAgentCall, lead: Lead, done: Changed, *, changed: bool) -> list[str]:
    told, lead_id, lines = call.function, str(lead.id), []
    if call.yes("delete_cf_data"):
        why = f"{told} CUSTOM FIELDS DATA HAS BEEN DELETED"
        counts = (str(done.custom_rows), str(done.custom_rows))
        lines.append(notice(why, call.user, lead_id, str(lead.entry_list_id), *counts))
    if call.yes("delete_lead"):
        gone = str(done.callbacks)
        why = f"{told} LEAD HAS BEEN DELETED {gone}|{gone}"
        lines.append(success(why, call.user, lead_id, str(done.rows), gone, gone, ""))
    elif changed:
        why = f"{told} LEAD HAS BEEN UPDATED"
        lines.append(success(why, call.user, lead_id, str(done.rows), "", "", ""))
    return lines


def _callback_lines(call: NonAgentCall, lead: Lead, done: Changed, not_there: str) -> list[str]:
    told, lead_id = f"{call.function} SCHEDULED CALLBACK", str(lead.id)
    if call["callback"] == "REMOVE":
        gone = str(done.callbacks)
        return [notice(f"{told} DELETED", call.user, lead_id, gone, gone)]
    if not call.yes("callback"):
        return []
    if done.callback is not CallbackIs.CHANGED:
        return [not_there]
    names = ("campaign_id", "callback_datetime", "callback_type", "callback_user", "callback_status")
    if not any(call[name] for name in (*names, "callback_comments")):
        return [notice(f"{told} NOT UPDATED, NO FIELDS SPECIFIED", lead_id, "")]
    return [notice(f"{told} UPDATED", lead_id, *(call[name] for name in names))]


async def _custom(call: NonAgentCall, lead: Lead) -> tuple[int, dict[str, str] | None, str]:
    """The list whose fields they are, their values, and the line but for how many rows it were."""
    if not call.yes("custom_fields"):
        return 0, None, ""
    list_id = int(call["force_entry_list_id"][:_MOST_DIGITS] or lead.entry_list_id or lead.list_id)
    own = await list_of(call, list_id)
    number, told = call["phone_number"], f"{call.function} CUSTOM FIELDS"
    where = (number, str(lead.id), str(lead.list_id))
    if own is None or not own.custom_fields:
        why = f"{told} NOT ADDED, NO CUSTOM FIELDS DEFINED FOR THIS LIST"
        return 0, None, notice(why, *where).rstrip("\n")
    sent = {name: call.parameters.other(name) for name in own.custom_fields}
    values = {name: "" if value == BLANK else value for name, value in sent.items() if value}
    if not values:
        return 0, None, ""
    line = notice(f"{told} VALUES UPDATED", *where, str(lead.entry_list_id), str(list_id))
    return list_id, values, line.rstrip("\n")


async def _to_hopper(call: NonAgentCall, lead: Lead, list_id: int) -> tuple[ToHopper | None, bool]:
    """The wish for a place in the hopper, and whether the hour is against it."""
    if not call.yes("add_to_hopper") or call.yes("remove_from_hopper") or call.yes("delete_lead"):
        return None, False
    own = await list_of(call, list_id)
    campaign = own.campaign if own else ""
    found = await call.services.site.get(Campaign, campaign) if campaign else None
    if call.yes("hopper_local_call_time_check") and found is not None:
        closed = not await call.services.desk.is_open(lead, found, call.now)
        if closed:
            return None, True
    return ToHopper(campaign=campaign, priority=call.priority), False


def _hopper_lines(call: NonAgentCall, lead: Lead, done: Changed, *, closed: bool, leave: bool) -> list[str]:
    told, number, lead_id = call.function, call["phone_number"], str(lead.id)
    if leave:
        if done.left_hopper is None:
            why = f"{told} NOT REMOVED FROM HOPPER, LEAD IS NOT IN THE HOPPER"
            return [notice(why, number, lead_id, call.user)]
        word = "NOT REMOVED" if done.left_hopper is HopperStatus.QUEUE else "REMOVED"
        return [notice(f"{told} {word} FROM HOPPER", number, lead_id, done.left_hopper, call.user)]
    if closed:
        fields = (number, lead_id, gmt_offset(lead.gmt_offset_minutes), "0", call.user)
        return [notice(f"{told} NOT ADDED TO HOPPER, OUTSIDE OF LOCAL TIME", *fields)]
    if not call.yes("add_to_hopper"):
        return []
    if done.hopper_id is None:
        why = f"{told} NOT ADDED TO HOPPER, LEAD IS ALREADY IN THE HOPPER"
        return [notice(why, number, lead_id, call.user)]
    return [notice(f"{told} ADDED TO HOPPER", number, lead_id, str(done.hopper_id), call.user)]
