"""`/v1/leads/{lead_id}`: leads that are there, read, found and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, get, patch
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from bridge.access.errors import Forbidden
from bridge.api.rest.command import Asked
from bridge.api.rest.consents import LeadPath
from bridge.api.rest.fields import Limit, ListId, PhoneCode, Status, Written
from bridge.api.rest.lead import LeadFields, Text, texts_of
from bridge.api.rest.lead_access import check_lead, lead_for, list_for, list_of, number_of
from bridge.api.rest.lead_numbers import NumberView, numbers_of
from bridge.api.rest.new_lead import HopperWish
from bridge.api.rest.once import Key, once
from bridge.api.rest.paging import Cursor, full_page, linked
from bridge.errors import InvalidInput, NoSuchLead
from bridge.leads.adding import ToHopper
from bridge.leads.changing import Changing
from bridge.leads.errors import InvalidLead
from bridge.leads.fields import parsed
from bridge.leads.model import Lead, LeadList
from bridge.leads.search import By
from bridge.rules import Refusal, normalise
from bridge.services import Services

READ: Final = "leads.get"
CHANGE: Final = "leads.update"
_ID_DIGITS: Final = 18


class LeadChangeBody(LeadFields, frozen=True, kw_only=True):
    """What is to be different of a lead. What is left out stays as it is, an empty text empties the field."""

    list_id: ListId | None = None
    """The list that it goes over to."""
    phone_number: Written | None = None
    """As it is written in the country of its list, or of the site, or with `+` and the country's code."""
    phone_code: PhoneCode = ""
    """Country code of a number that has none; empty: that of the country."""
    status: Status | None = None
    custom: Annotated[Mapping[Text, Text], Meta(max_length=500)] = {}
    """Values of its list's own fields; the others stay."""
    again: bool = False
    """It may be dialled again, though it was called since the last reset of its list."""
    hopper: HopperWish | None = None
    """Dial it next."""
    leave_hopper: bool = False
    """Take it out of the hopper; one that is just being dialled stays."""


class LeadRecord(Lead, frozen=True, kw_only=True):
    """A lead with what hangs on it."""

    numbers: tuple[NumberView, ...] = ()
    """More of its numbers, in the order in which they are dialled."""

    @classmethod
    def of(cls, lead: Lead, numbers: tuple[NumberView, ...]) -> LeadRecord:
        """A lead with its other numbers."""
        return cls(**msgspec.structs.asdict(lead), numbers=numbers)


LEAD_CHANGE_BODIES = (LeadChangeBody,)


class LeadRecordController(Controller):
    """Leads that are there."""

    path = "/leads"
    tags = ("leads",)

    @get("/", opt={"right": READ}, summary="Find leads")
    async def find(  # noqa: PLR0913  a search is said in one request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        phone_number: Annotated[
            str | None,
            QueryParameter(
                min_length=2, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)", description="Its number."
            ),
        ] = None,
        vendor_lead_code: Annotated[
            str | None,
            QueryParameter(
                min_length=1,
                max_length=255,
                pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)",
                description="Its code in the caller's own system.",
            ),
        ] = None,
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[Lead]:
        """By exactly one of the two, the newest first; only leads of the caller's lists and campaigns."""
        if (phone_number is None) == (vendor_lead_code is None):
            raise InvalidInput("give either phone_number or vendor_lead_code", field="phone_number")
        by: By = "vendor_lead_code" if phone_number is None else "phone_number"
        value = vendor_lead_code or "" if phone_number is None else digits_of(services, phone_number)

        async def read(after: str) -> Sequence[tuple[Lead, LeadList | None]]:
            found = await services.desk.find(by, value, limit=limit, before=_id(after))
            return [(lead, await list_of(services, lead)) for lead in found]

        def visible(found: tuple[Lead, LeadList | None]) -> bool:
            try:
                check_lead(request, services, READ, *found)
            except Forbidden:
                return False
            return True

        found = await full_page(read, visible, lambda one: str(one[0].id), cursor, limit)
        after = str(found[limit - 1][0].id) if len(found) > limit else None
        return linked(request, services, [lead for lead, _ in found[:limit]], after)

    @get("/{lead_id:int}", opt={"right": READ}, summary="A lead")
    async def read(
        self, request: Asked, services: NamedDependency[Services], lead_id: LeadPath
    ) -> LeadRecord:
        """All its fields, and its other numbers."""
        lead = await lead_for(request, services, READ, lead_id)
        return LeadRecord.of(lead, await numbers_of(services, lead_id))

    @patch("/{lead_id:int}", opt={"right": CHANGE}, summary="Change a lead")
    async def change(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        lead_id: LeadPath,
        data: JSONBody[LeadChangeBody],
        idempotency_key: Key = None,
    ) -> Lead:
        """All of it in one transaction, or nothing."""
        lead = await lead_for(request, services, CHANGE, lead_id)
        own = await list_then(request, services, lead, data)
        wish = change_of(services, lead, own, data)

        async def act() -> Lead:
            try:
                await services.desk.change(wish)
            except InvalidLead as error:
                raise InvalidInput(error.why, field=error.field) from None
            found = await services.desk.get(str(lead_id))
            if found is None:
                raise NoSuchLead(lead_id=str(lead_id))
            return found

        return await once(request, services, idempotency_key, act)


def digits_of(services: Services, written: str) -> str:
    """The number as leads have it; one that can be none is looked for as it is, line formats keep such."""
    number = normalise(written, "", services.options.country)
    return "".join(filter(str.isdecimal, written)) if isinstance(number, Refusal) else number.national


def _id(cursor: str) -> int | None:
    """Behind which lead the page begins; `None`: it is the first one."""
    if not cursor:
        return None
    if not cursor.isdecimal() or len(cursor) > _ID_DIGITS:
        raise InvalidInput("a cursor comes from the `Link` of the page before", field="cursor")
    return int(cursor)


async def list_then(request: Asked, services: Services, lead: Lead, body: LeadChangeBody) -> LeadList | None:
    """The list that it is in afterwards, if there is one."""
    if body.list_id is not None and body.list_id != lead.list_id:
        return await list_for(request, services, CHANGE, body.list_id)
    return await list_of(services, lead)


def change_of(services: Services, lead: Lead, own: LeadList | None, body: LeadChangeBody) -> Changing:
    """What is asked for, checked.

    Raises:
        InvalidInput: a field is wrong, or there is nothing to change.
    """
    list_id = body.list_id or lead.list_id
    for name in body.custom:
        if own is None or name not in own.custom_fields:
            raise InvalidInput(f"list {list_id} has no field of this name", field=f"custom.{name}")
    if body.hopper is not None and (own is None or not own.campaign):
        raise InvalidInput(f"list {list_id} is of no campaign that could dial it", field="hopper")
    if body.hopper is not None and body.leave_hopper:
        raise InvalidInput("a lead is put into the hopper or taken out of it", field="leave_hopper")
    if body.phone_code and body.phone_number is None:
        raise InvalidInput("a country code is given with its phone_number", field="phone_code")
    fields = fields_of(services, own, body)
    if not (fields or body.custom or body.hopper or body.leave_hopper):
        raise InvalidInput("there is nothing to change")
    hopper = ToHopper(campaign=own.campaign, priority=body.hopper.priority) if own and body.hopper else None
    return Changing(
        lead_id=lead.id,
        fields=fields,
        custom=body.custom or None,
        custom_list=list_id if body.custom else 0,
        hopper=hopper,
        leave_hopper=body.leave_hopper,
    )


def fields_of(services: Services, own: LeadList | None, body: LeadChangeBody) -> dict[str, Any]:
    """What a body says of a lead's fields (`InvalidInput`), its number read in the list's country."""
    try:
        fields = parsed(texts_of(body))
    except InvalidLead as error:
        raise InvalidInput(error.why, field=error.field) from None
    fields |= {name: value for name in ("list_id", "status") if (value := getattr(body, name)) is not None}
    if body.again:
        fields["called_since_last_reset"] = "N"
    if body.phone_number is not None:
        number = number_of(services, own, body.phone_number, body.phone_code)
        fields |= {"phone_number": number.national, "phone_code": str(number.country_code)}
    return fields
