"""Callbacks that a request names or finds: with their leads, and whether they are the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.access.names import ALL
from bridge.api.rest.command import Asked
from bridge.api.rest.lead_access import check_lead, country_of, list_of
from bridge.errors import NoSuchCallback
from bridge.leads.callbacks import Callback
from bridge.leads.customer_time import time_there
from bridge.leads.model import Lead, LeadList
from bridge.services import Services


class Seen(NamedTuple):
    """A callback with what it depends on who may see it."""

    callback: Callback
    lead: Lead | None
    own: LeadList | None
    """The list that the lead is in."""
    agent: Principal | None
    """Who has to do it."""


class CallbackView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer is to be called."""

    id: str
    """That of the call in which it was promised, if there was one."""
    lead_id: int | None
    list_id: int | None
    """That of the lead as it is now."""
    campaign: str
    agent: str
    """Who has to do it; empty: any agent may."""
    status: str
    """Of the lead, once it is due."""
    due_at: datetime | None
    """`null`: what the line format was given is no time."""
    customer_time: datetime | None
    """The same on the customer's own clock; `null`: it cannot be told which one that is."""
    asked: str
    """As it was given to the line format, or on the clocks of the site."""
    comments: str
    state: str
    """`ACTIVE`, `LIVE` once it is due, `INACTIVE` if it stands no more: taken back, or done."""
    taken_back: bool
    done_call: str
    """The call that has kept the promise; empty: none has."""
    made_by: str
    """The API user who has asked for it; empty: it was promised in a call."""
    made_at: datetime
    """When it was promised, or last changed."""

    @classmethod
    def of(cls, services: Services, one: Seen) -> CallbackView:
        """The view of a callback."""
        callback, lead, due = one.callback, one.lead, one.callback.due_at
        there = time_there(due, lead, country_of(services, one.own)) if lead and due else None
        same = (
            *("lead_id", "campaign", "status", "due_at", "asked", "comments", "state"),
            *("done_call", "made_by", "made_at"),
        )
        return cls(
            id=callback.call_id,
            list_id=lead.list_id if lead else callback.list_id or None,
            agent=callback.user,
            customer_time=there,
            taken_back=callback.archived and not callback.done_call,
            **{name: getattr(callback, name) for name in same},
        )


async def seen(services: Services, found: Sequence[Callback]) -> list[Seen]:
    """Callbacks with their leads, lists and agents."""
    ids = {one.lead_id for one in found if one.lead_id is not None}
    leads = {lead.id: lead for lead in await services.desk.by_ids(ids, len(ids))}
    lists = {lead.list_id: await list_of(services, lead) for lead in leads.values()}
    agents = {user: await services.access.principal(user) for user in {one.user for one in found if one.user}}
    lead_of = [leads.get(one.lead_id or 0) for one in found]
    return [
        Seen(one, lead, lists[lead.list_id] if lead else None, agents.get(one.user))
        for one, lead in zip(found, lead_of, strict=True)
    ]


def check(request: Asked, services: Services, right: str, one: Seen) -> None:
    """Whether a callback is one of the caller's (`NoSuchCallback`): by its lead, campaign and agent.

    Of one whose lead is gone, or was never known, the list is the one that was noted, if any.
    """
    callback = one.callback
    try:
        if one.lead is not None:
            check_lead(request, services, right, one.lead, one.own)
        else:
            services.access.check_limits(request.user, right, lead_list=callback.list_id or ALL)
        services.access.authorize(request.user, right, agent=one.agent, campaign=callback.campaign or None)
        services.access.check_limits(request.user, right, agent=callback.user or None)  # she may be gone
    except Forbidden:
        raise NoSuchCallback(callback_id=callback.call_id) from None


def visible(request: Asked, services: Services, right: str, one: Seen) -> bool:
    """Whether a callback is one of the caller's."""
    try:
        check(request, services, right, one)
    except NoSuchCallback:
        return False
    return True
