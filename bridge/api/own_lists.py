"""Calls and recordings for callers who are limited to some lists of leads."""

from __future__ import annotations

from bridge.access.model import Principal
from bridge.access.names import All
from bridge.services import Services


async def of_own_lists(services: Services, principal: Principal, lead_id: int | None, asked_by: str) -> bool:
    """Whether it is of a lead of one of the caller's lists, or the caller itself has asked for it.

    As `bridge.reports.sight` has it of many.

    Args:
        services: what knows the lead.
        principal: the caller.
        lead_id: of the call or the recording, if it has one.
        asked_by: who has asked for it.
    """
    lists = principal.limits.lists
    if isinstance(lists, All) or asked_by == principal.user:
        return True
    lead = None if lead_id is None else await services.lookups.lead(lead_id)
    return lead is not None and str(lead.list_id) in lists
