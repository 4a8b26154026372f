"""What is asked of a callback under `/v1`: the bodies, and what they mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from bridge.api.rest.callback_access import Seen
from bridge.api.rest.fields import At, Comments, CustomerTime, LeadId, Name, Status
from bridge.api.rest.lead_access import country_of
from bridge.api.rest.models import Body
from bridge.api.rest.paging import moment
from bridge.errors import InvalidInput
from bridge.leads.callbacks import ChangedCallback
from bridge.leads.customer_time import moment_there
from bridge.leads.errors import InvalidLead
from bridge.leads.model import Lead, LeadList
from bridge.services import Services

LATE: Final = timedelta(days=1)
"""How long ago a callback may be due that is made now: longer ago is a slip of the pen."""
AHEAD: Final = timedelta(days=3660)
"""How far ahead it may be; farther is one, too."""


class NewCallbackBody(Body, frozen=True, kw_only=True):
    """When a customer is to be called, and by whom. The time is given in one of the two ways."""

    lead_id: LeadId
    at: At | None = None
    customer_time: CustomerTime | None = None
    """On the customer's own clock."""
    agent: Annotated[Name, Meta(examples=["1000"])] | None = None
    """The agent who has to do it; `null`: any agent may."""
    campaign: Annotated[Name, Meta(examples=["DEMO"])] | None = None
    """Left out: that of the lead's list."""
    status: Status = "CALLBK"
    comments: Comments = ""


class CallbackChangeBody(Body, frozen=True, kw_only=True):
    """What is to be different; what is left out stays as it is."""

    at: At | None = None
    customer_time: CustomerTime | None = None
    """On the customer's own clock, in place of `at`."""
    agent: Annotated[Name, Meta(examples=["1000"])] | UnsetType | None = UNSET
    """The agent who has to do it; `null`: any agent may."""
    status: Status | UnsetType = UNSET
    comments: Comments | UnsetType = UNSET


NEW_CALLBACK_BODIES = (NewCallbackBody, CallbackChangeBody)


def changed(services: Services, found: Seen, body: CallbackChangeBody) -> ChangedCallback:
    """What is asked for, checked (`InvalidInput`)."""
    at = when(services, found.lead, found.own, body.at, body.customer_time)
    wish = ChangedCallback(
        at=None if at is None else on_site_clock(services, at),
        due_at=at,
        user=None if body.agent is UNSET else body.agent or "",
        status=None if body.status is UNSET else body.status,
        comments=None if body.comments is UNSET else body.comments,
    )
    if not wish.values():
        raise InvalidInput("there is nothing to change")
    return wish


def when(
    services: Services, lead: Lead | None, own: LeadList | None, at: str | None, there: str | None
) -> datetime | None:
    """The moment that is asked for; `None`: none is.

    Raises:
        InvalidInput: it is none, or too far away, or there are two.
    """
    if at is not None and there is not None:
        raise InvalidInput("give either at or customer_time", field="at")
    due = moment(at, "at") if there is None else on_customers_clock(services, lead, own, there)
    now = datetime.now(UTC)
    if due is not None and not now - LATE <= due <= now + AHEAD:
        field = "at" if there is None else "customer_time"
        raise InvalidInput("it is to be due within the next ten years", field=field)
    return None if due is None else due.replace(microsecond=0)


def on_customers_clock(services: Services, lead: Lead | None, own: LeadList | None, there: str) -> datetime:
    """The moment at which the clock of a lead shows a time (`InvalidInput`: it cannot be told)."""
    if lead is None:
        raise InvalidInput("it is of no lead that would have a clock: give at", field="customer_time")
    try:
        return moment_there(there, lead, country_of(services, own))
    except InvalidLead as error:
        raise InvalidInput(error.why, field=error.field) from None


def on_site_clock(services: Services, at: datetime) -> str:
    """A moment on the clocks of the site, as the line format has it."""
    return at.astimezone(services.options.timezone).strftime("%Y-%m-%d %H:%M:%S")
