"""Checks of a number that callers ask for before a lead is added."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import Answer, error, notice
from bridge.leads.model import DncKind
from bridge.leads.offsets import is_area_code

LENGTHS: Final = range(6, 17)
_EXCHANGE: Final = 3
"""Place of the digit that begins the part behind the area code."""


def check_number(call: NonAgentCall, number: str) -> str:
    """What is told before the reply: there is no table of prefixes here.

    Raises:
        Answer: the number is not what the caller wants numbers to be.
    """
    if len(number) not in LENGTHS:
        raise Answer(error(f"{call.function} INVALID PHONE NUMBER LENGTH", number, call.user))
    if call.yes("usacan_prefix_check") and not "2" <= number[_EXCHANGE] <= "9":
        raise Answer(error(f"{call.function} INVALID PHONE NUMBER PREFIX", number, call.user))
    if call.yes("usacan_areacode_check") and not is_area_code(number[:3]):
        raise Answer(error(f"{call.function} INVALID PHONE NUMBER AREACODE", number, call.user))
    if not call.yes("nanpa_ac_prefix_check") and "NANPA" not in call["tz_method"].upper():
        return ""
    told = error if call.function == "check_phone_number" else notice
    why = f"{call.function} NANPA options disabled, NANPA prefix data not loaded"
    return told(why, "0", call.user)


async def check_dnc(call: NonAgentCall, number: str) -> None:
    """End if the do-not-call lists that the caller names have the number."""
    campaign = call["campaign_id"] if len(call["campaign_id"]) > 1 else ""
    system, own = _kinds(call["dnc_check"]), _kinds(call["campaign_dnc_check"] if campaign else "")
    if not system and not own:
        return
    hits = await call.services.leads.dnc_hits(number, campaign)
    if any(hit.campaign == "" and hit.kind in system for hit in hits):
        raise Answer(error(f"{call.function} PHONE NUMBER IN DNC", number, call.user))
    if any(hit.campaign == campaign and hit.kind in own for hit in hits):
        raise Answer(error(f"{call.function} PHONE NUMBER IN CAMPAIGN DNC", number, campaign, call.user))


def _kinds(mode: str) -> frozenset[DncKind]:
    """The entries that count: with `AREACODE` those of whole area codes, too."""
    return {"Y": frozenset({DncKind.NUMBER}), "AREACODE": frozenset(DncKind)}.get(mode, frozenset())


def hours_text(minutes: int | None) -> str:
    """An offset as replies print it: `-5`, `5.5`."""
    return f"{(minutes or 0) / 60:g}"
