"""The parameters `callback…`: when a lead is to be called again, and by whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import notice
from bridge.campaigns.model import Campaign
from bridge.leads.adding import ToCallBack
from bridge.leads.callbacks import ChangedCallback, moment

_DAYS: Final = re.compile(r"([0-9]{1,4})DAYS")
Line = Callable[[str], str]
"""What is told of it, by the lead's id."""


async def callback_of(call: NonAgentCall) -> tuple[ToCallBack | None, Line]:
    """The callback that is asked for with `callback=Y`, and the line that tells of it."""
    if not call.yes("callback"):
        return None, lambda _: ""
    campaign, user, kind = call["campaign_id"], call["callback_user"], _type(call)
    told = f"{call.function} SCHEDULED CALLBACK"
    if not campaign or await call.services.site.get(Campaign, campaign) is None:
        return None, lambda lead: notice(f"{told} NOT ADDED, CAMPAIGN NOT VALID", lead, campaign)
    call.check_limits(campaign=campaign)
    if kind == "USERONLY" and (not user or await call.services.access.principal(user) is None):
        return None, lambda lead: notice(f"{told} NOT ADDED, USER NOT VALID", lead, campaign, user, kind)
    at = when(call["callback_datetime"], call.now)
    status = call["callback_status"] if 1 <= len(call["callback_status"]) <= 6 else "CALLBK"
    wish = ToCallBack(
        campaign=campaign,
        at=at,
        due_at=moment(at, call.zone),
        user=user if kind == "USERONLY" else "",
        status=status,
        comments=call["callback_comments"],
        made_by=user or call.user,
    )
    return wish, lambda lead: notice(f"{told} ADDED", lead, campaign, at, kind, user, status)


def _type(call: NonAgentCall) -> str:
    return "USERONLY" if call["callback_type"] == "USERONLY" else "ANYONE"


def when(text: str, now: datetime) -> str:
    """`NOW` and `3DAYS` as `YYYY-MM-DD HH:MM:SS`; anything else as it is."""
    days = _DAYS.fullmatch(text)
    if text != "NOW" and days is None:
        return text
    return f"{now + timedelta(days=int(days[1]) if days else 0):%Y-%m-%d %H:%M:%S}"


def changed_callback_of(call: NonAgentCall) -> ChangedCallback | None:
    """What `callback=Y` changes of a callback that is there; what was not sent stays."""
    if not call.yes("callback"):
        return None
    at = when(call["callback_datetime"], call.now)
    user = call["callback_user"] if call["callback_type"] == "USERONLY" else ""
    return ChangedCallback(
        campaign=call["campaign_id"] or None,
        at=at or None,
        due_at=moment(at, call.zone),
        user=user if call["callback_type"] else None,
        status=call["callback_status"] or None,
        comments=call["callback_comments"] or None,
    )
