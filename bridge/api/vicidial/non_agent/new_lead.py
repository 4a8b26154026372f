"""A new lead out of the parameters."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.custom import Custom
from bridge.api.vicidial.non_agent.parameters import LEAD_TEXTS
from bridge.api.vicidial.non_agent.zones import offset_minutes
from bridge.leads import offsets
from bridge.leads.adding import HOLD
from bridge.leads.model import NewLead

DEFAULT_CODE: Final = "1"


class Made(NamedTuple):
    """A lead that is not stored yet."""

    lead: NewLead


def lead_fields(
    call: NonAgentCall, number: str, list_id: str, custom: Custom, *, status: str = "NEW"
) -> Made:
    """The lead (`InvalidLead`); its offset from UTC is looked up, whatever the caller gave."""
    code = call["phone_code"] or DEFAULT_CODE
    texts: dict[str, Any] = {name: call[name] for name in LEAD_TEXTS if call[name]}
    texts["date_of_birth"] = as_date(texts.get("date_of_birth", ""))
    texts["gender"] = as_gender(texts.get("gender", ""))
    if call.yes("lookup_state") and not texts.get("state"):
        texts["state"] = offsets.state_of(number)
    entry_list = call["entry_list_id"] if not custom.asked else list_id if custom.values else "0"
    return Made(
        NewLead(
            list_id=int(list_id),
            entry_list_id=int(entry_list[:18] or 0),
            status=HOLD if call.yes("callback") else status,
            user=call.user,
            phone_code=code,
            phone_number=number,
            gmt_offset_minutes=offset_minutes(call, number, code, texts),
            rank=as_rank(call["rank"]),
            custom=dict(custom.values),
            **texts,
        )
    )


def as_date(text: str) -> str:
    """A date as it is; anything else is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def as_gender(text: str) -> str:
    """`M` or `F`, else `U`."""
    return text if text in ("M", "F") else "U"


def as_rank(text: str) -> int:
    """Digits as a number, at most five of them; anything else is 0."""
    return int(text) if text.lstrip("-").isdecimal() and len(text) <= 6 and text.count("-") < 2 else 0
