"""`add_dnc_phone` and `delete_dnc_phone`: numbers that nobody, or one campaign, may call."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import Answer, success
from bridge.leads.errors import InvalidLead

SYSTEM: Final = "SYSTEM_INTERNAL"
"""In place of a campaign: nobody may call it."""
_DIGITS: Final = range(6, 21)
_SIGNS: Final = range(1, 31)
"""Letters of a campaign's id."""


async def add_dnc_phone(call: NonAgentCall) -> str:
    """Forbid a number; the campaign need not exist."""
    number, campaign, fields = _asked(call)
    try:
        added = await call.services.dnc.add_dnc(number, campaign=campaign, by=call.user)
    except InvalidLead:
        raise Answer(_missing(call, fields)) from None
    if not added:
        return call.error("DNC NUMBER ALREADY EXISTS", *fields)
    return success("add_dnc_phone DNC NUMBER HAS BEEN ADDED", *fields)


async def delete_dnc_phone(call: NonAgentCall) -> str:
    """Allow a number again."""
    number, campaign, fields = _asked(call)
    if not await call.services.dnc.remove_dnc(number, campaign=campaign):
        return call.error("DNC NUMBER DOES NOT EXIST", *fields)
    return success("delete_dnc_phone DNC NUMBER HAS BEEN DELETED", *fields)


def _asked(call: NonAgentCall) -> tuple[str, str, tuple[str, str, str]]:
    """Number, campaign (empty: the system) and what lines repeat of them.

    Raises:
        Answer: one of them is missing, or cannot be.
    """
    number, name = call["phone_number"], call["campaign_id"]
    fields = (call.user, number, name)
    if len(number) not in _DIGITS or len(name) not in _SIGNS or "," in number:
        raise Answer(_missing(call, fields))
    campaign = "" if name == SYSTEM else name
    call.check_limits(
        campaign=campaign
    )  # the system's list is of none: who is limited to some has not got it
    return number, campaign, fields


def _missing(call: NonAgentCall, fields: tuple[str, str, str]) -> str:
    return call.error("YOU MUST USE ALL REQUIRED FIELDS", *fields)
