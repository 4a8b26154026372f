"""What the placeholders of an address stand for: the names of the original, and their values as text."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

import msgspec

from bridge.access.model import UserSpec
from bridge.calls.model import Call
from bridge.campaigns.model import Campaign
from bridge.leads.callbacks import Callback
from bridge.leads.model import Lead, LeadList
from bridge.leads.texts import FIELDS
from bridge.recordings.model import Recording

_OWN: Final = frozenset({"status", "user", "gmt_offset_now", "last_local_call_time"})
"""Fields of a lead that are said otherwise here, or not at all."""
SAME_IN_LEAD: Final = (
    "entry_list_id",
    *(name for name in FIELDS if name not in _OWN),
    "called_since_last_reset",
)
"""Fields that are called the same here and there."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known about what is to be told."""

    at: datetime
    """When it happened."""
    zone: tzinfo
    """Of the times that are told."""
    call: Call | None = None
    lead: Lead | None = None
    lead_list: LeadList | None = None
    campaign: Campaign | None = None
    agent: UserSpec | None = None
    recording: Recording | None = None
    callback: Callback | None = None


def values_of(facts: Facts) -> dict[str, str]:
    """Name → value; what is not known is empty. A list's own fields never stand in the place of others."""
    custom = {} if facts.lead is None else {name: str(value) for name, value in facts.lead.custom.items()}
    return custom | _of_lead(facts) | _of_call(facts) | _of_agent(facts) | _of_moment(facts)


def _of_lead(facts: Facts) -> dict[str, str]:
    lead = facts.lead
    if lead is None:
        return {}
    found = {name: str(getattr(lead, name)) for name in SAME_IN_LEAD}
    offset = lead.gmt_offset_minutes
    return found | {
        "lead_id": str(lead.id),
        "vendor_id": lead.vendor_lead_code,
        "status": lead.status,
        "gmt_offset_now": "" if offset is None else f"{offset / 60:.2f}",
        "entry_date": _moment(facts, lead.entry_date),
        "list_name": facts.lead_list.name if facts.lead_list else "",
    }


def _of_call(facts: Facts) -> dict[str, str]:
    call = facts.call
    campaign = "" if facts.campaign is None else facts.campaign.id
    if call is None:
        return {"campaign": campaign}
    return {
        "campaign": campaign or call.campaign,
        "call_id": call.legacy_id,
        "uniqueid": call.legacy_uniqueid,
        "bridge_call_id": call.id,
        "call_kind": call.kind.value,
        "group": call.queue or call.campaign,
        "channel_group": call.queue or call.campaign,
        "phone_number": facts.lead.phone_number if facts.lead else call.number,
        "dialed_number": call.number,
        "dispo": call.status,
        "talk_time": str(talked(call)),
        "term_reason": call.end_reason,
        "dial_status": call.dial_status,
        "hangup_cause": "" if call.hangup_cause is None else str(call.hangup_cause),
        "recording_id": str(facts.recording.id) if facts.recording else "",
        "recording_filename": facts.recording.filename if facts.recording else "",
        "callback_datetime": _moment(facts, facts.callback.due_at if facts.callback else None),
        "callback_comments": facts.callback.comments if facts.callback else "",
    }


def _of_agent(facts: Facts) -> dict[str, str]:
    agent = facts.agent
    if agent is None:
        return {"user": facts.call.user} if facts.call else {}
    return {
        "user": agent.user,
        "fullname": agent.name,
        "user_group": agent.group,
        "user_custom_three": agent.crm_id,
        "user_custom_four": agent.team,
    }


def _of_moment(facts: Facts) -> dict[str, str]:
    return {"SQLdate": _moment(facts, facts.at), "epoch": str(int(facts.at.timestamp()))}


def talked(call: Call) -> int:
    """Seconds from hearing each other to the end."""
    began = call.bridged_at or call.answered_at
    if began is None or call.ended_at is None:
        return 0
    return max(0, round((call.ended_at - began).total_seconds()))


def _moment(facts: Facts, moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(facts.zone).strftime("%Y-%m-%d %H:%M:%S")
