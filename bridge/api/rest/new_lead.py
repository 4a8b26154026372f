"""`/v1/leads`: a lead of one of the caller's lists, with all that comes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.access.errors import Forbidden
from bridge.api.rest.command import Asked
from bridge.api.rest.fields import Label, ListId, PhoneCode, Status, Written
from bridge.api.rest.imports import Duplicates
from bridge.api.rest.lead import CONSENT_RIGHT, LeadFields, Text, texts_of
from bridge.api.rest.lead_access import list_for, number_of
from bridge.api.rest.lead_numbers import MostNumbers, alternates_of
from bridge.api.rest.models import Body
from bridge.api.rest.once import Key, once
from bridge.audit.entry import here
from bridge.consent.model import Given
from bridge.errors import DuplicateLead, InvalidInput
from bridge.imports.duplicates import strict_checks
from bridge.leads.adding import Adding, ToHopper
from bridge.leads.alternates import AltNumber
from bridge.leads.duplicates import Duplicate
from bridge.leads.errors import InvalidLead
from bridge.leads.fields import parsed
from bridge.leads.model import LeadList, NewLead
from bridge.rules import Number
from bridge.services import Services

RIGHT: Final = "leads.add"


class HopperWish(Body, frozen=True, kw_only=True):
    """The lead is dialled next, as soon as an agent is there for it."""

    priority: Annotated[int, Meta(ge=-99, le=99, description="Higher ones are dialled first.")] = 0


class LeadBody(LeadFields, frozen=True, kw_only=True):
    """A lead, and what is to be done with it."""

    list_id: ListId
    phone_number: Written
    """As it is written in the country of the list, or of the site, or with `+` and the country's code."""
    phone_code: PhoneCode = ""
    """Country code of a number that has none; empty: that of the country."""
    status: Status = "NEW"
    numbers: MostNumbers = ()
    """More of its numbers, in the order in which they are dialled."""
    custom: Annotated[Mapping[Text, Text], Meta(max_length=500)] = {}
    """Values of the list's own fields, by their names."""
    source: Label = ""
    """Who says so, for the events: `crm`."""
    duplicates: Duplicates = ""
    """Refuse a lead that is there already, as `add_lead` does it; empty: it is not looked for."""
    hopper: HopperWish | None = None
    """Dial it next; without it the dialler takes it in its turn, if its campaign dials by itself."""
    consent: Given | None = None
    """What its customer has agreed to, written with the lead or not at all; needs the right of consents."""


class AddedLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that was added."""

    lead_id: int
    list_id: int
    e164: str
    """Its number, as it is dialled."""
    hopper_id: int | None
    """Its row in the hopper, if it was to be there."""


NEW_LEAD_BODIES = (LeadBody,)


class LeadController(Controller):
    """Leads."""

    path = "/leads"
    tags = ("leads",)

    @post("/", opt={"right": RIGHT}, status_code=200, summary="Add a lead")
    async def add(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        data: JSONBody[LeadBody],
        idempotency_key: Key = None,
    ) -> AddedLead:
        """With `hopper` it rings as soon as an agent waits; whether it may be called is judged then."""
        own = await list_for(request, services, RIGHT, data.list_id)
        if data.consent is not None:
            await list_for(request, services, CONSENT_RIGHT, data.list_id)
        number = number_of(services, own, data.phone_number, data.phone_code)
        others = alternates_of(services, own, data.numbers)
        wish = _wish(data, own, number, others, request.user.user)

        async def act() -> AddedLead:
            try:
                added = await services.desk.add(wish)
            except InvalidLead as error:
                raise InvalidInput(error.why, field=f"consent.{error.field}") from None
            if added.duplicate is not None:
                raise _duplicate(request, services, added.duplicate)
            here().on_lead(str(added.lead_id))
            return AddedLead(
                lead_id=added.lead_id, list_id=data.list_id, e164=number.e164, hopper_id=added.hopper_id
            )

        return await once(request, services, idempotency_key, act, repeatable=False)


def _wish(body: LeadBody, own: LeadList, number: Number, others: Sequence[AltNumber], user: str) -> Adding:
    """What is asked for, checked.

    Raises:
        InvalidInput: a field is wrong.
    """
    if body.hopper is not None and not own.campaign:
        raise InvalidInput(f"list {body.list_id} is of no campaign that could dial it", field="hopper")
    for name in body.custom:
        if name not in own.custom_fields:
            raise InvalidInput(f"list {body.list_id} has no field of this name", field=f"custom.{name}")
    try:
        lead = NewLead(
            list_id=body.list_id,
            entry_list_id=body.list_id if body.custom else 0,
            status=body.status,
            user=user,
            phone_code=str(number.country_code),
            phone_number=number.national,
            custom=body.custom,
            **parsed(texts_of(body)),
        )
        unless = strict_checks(body.duplicates) if body.duplicates else ()
    except InvalidLead as error:
        raise InvalidInput(error.why, field=error.field) from None
    hopper = None if body.hopper is None else ToHopper(campaign=own.campaign, priority=body.hopper.priority)
    return Adding(
        lead=lead,
        source=body.source,
        unless=unless,
        numbers=others,
        hopper=hopper,
        consent=body.consent,
        recorded_by=user,
    )


def _duplicate(request: Asked, services: Services, found: Duplicate) -> DuplicateLead:
    """Which lead it is like is told to those who may use its list."""
    try:
        services.access.check_limits(request.user, RIGHT, lead_list=found.list_id)
    except Forbidden:
        return DuplicateLead("there is such a lead already, in another list")
    return DuplicateLead(
        f"lead {found.lead_id} of list {found.list_id} is like it",
        lead_id=str(found.lead_id),
        list_id=str(found.list_id),
    )
