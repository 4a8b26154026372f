"""`check_phone_number`: whether a number is one, may be called, and what o'clock it is there."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.new_lead import DEFAULT_CODE
from bridge.api.vicidial.non_agent.phone_checks import check_dnc, check_number, hours_text
from bridge.api.vicidial.reply import cleaned
from bridge.leads import offsets

METHODS: Final = ("AREACODE", "POSTAL", "TZCODE", "NANPA")


async def check_phone_number(call: NonAgentCall) -> str:
    """One line: for each method of `tz_method` whether the hours are open, and the offset."""
    number, name = call["phone_number"].replace(",", ""), call["local_call_time"]
    if not name or await call.services.site.call_time(name) is None:
        return call.error("THIS IS NOT A VALID CALL TIME", call.user, name, "")
    told = check_number(call, number)
    if call.yes("nanpa_ac_prefix_check"):
        return told
    await check_dnc(call, number)
    code = call["phone_code"] or DEFAULT_CODE
    asked = call["tz_method"].upper() or METHODS[0]
    parts = []
    for method in METHODS:
        if method in asked:
            minutes = _minutes(call, method, number, code)
            is_open = await call.services.desk.is_open_at(name, call["state"], minutes, call.now)
            parts.append(f"{method}: {int(is_open)}|{hours_text(minutes)}#")
    fields = (number, code, call["postal_code"], call["state"], call["owner"], "")
    return f"{told}{''.join(parts)}PHONE: {'|'.join(map(cleaned, fields))}\n"


def _minutes(call: NonAgentCall, method: str, number: str, code: str) -> int:
    zone = None
    if method == "POSTAL":
        zone = offsets.by_postal_code(call["postal_code"], code)
    elif method == "TZCODE":
        zone = offsets.by_letters(call["owner"])
    return offsets.minutes_at(zone or offsets.by_number(number, code) or call.zone, call.now)
