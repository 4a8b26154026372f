"""`/v1/leads/{lead_id}/numbers`: more numbers of a lead than its own two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.api.rest.command import Asked
from bridge.api.rest.consents import LeadPath
from bridge.api.rest.fields import PhoneCode, Written
from bridge.api.rest.lead import Text
from bridge.api.rest.lead_access import lead_for, list_of, number_of
from bridge.api.rest.models import Body
from bridge.api.rest.once import Key, once
from bridge.errors import InvalidInput, NoSuchLead
from bridge.leads.alternates import MOST, AltNumber
from bridge.leads.model import LeadList
from bridge.services import Services


class NumberBody(Body, frozen=True, kw_only=True):
    """One more number of a lead."""

    number: Written
    """As it is written in the country of its lead's list, or of the site, or with `+` and its country."""
    phone_code: PhoneCode = ""
    """Country code of a number that has none; empty: that of the country."""
    note: Text = ""
    """Whose it is, or where."""
    active: bool = True
    """Whether it is dialled."""


MostNumbers = Annotated[tuple[NumberBody, ...], Meta(max_length=MOST)]


class NumbersBody(Body, frozen=True, kw_only=True):
    """All of them."""

    numbers: MostNumbers
    """In the order in which they are dialled; none: it has no more than its own two."""


class NumberView(msgspec.Struct, frozen=True, kw_only=True):
    """One more number of a lead."""

    number: str
    """Digits, without the country's code."""
    phone_code: str
    note: str
    active: bool
    """Whether it is dialled."""

    @classmethod
    def of(cls, number: AltNumber) -> NumberView:
        """The view of a number."""
        return cls(**msgspec.structs.asdict(number))


class NumbersView(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a lead beside its own two, in the order in which they are dialled."""

    numbers: tuple[NumberView, ...]


NUMBER_BODIES = (NumberBody, NumbersBody)


class NumberController(Controller):
    """More numbers of a lead."""

    path = "/leads/{lead_id:int}/numbers"
    tags = ("leads",)

    @get("/", opt={"right": "leads.get"}, summary="A lead's other numbers")
    async def of_lead(
        self, request: Asked, services: NamedDependency[Services], lead_id: LeadPath
    ) -> NumbersView:
        """Those beside `phone_number` and `alt_phone`."""
        await lead_for(request, services, "leads.get", lead_id)
        return NumbersView(numbers=await numbers_of(services, lead_id))

    @put("/", opt={"right": "leads.update"}, summary="Set a lead's other numbers")
    async def replace(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        lead_id: LeadPath,
        data: JSONBody[NumbersBody],
        idempotency_key: Key = None,
    ) -> NumbersView:
        """All of them, in place of those that it has; dialled as its campaign's `auto_alt_dial` says."""
        lead = await lead_for(request, services, "leads.update", lead_id)
        numbers = alternates_of(services, await list_of(services, lead), data.numbers)

        async def act() -> NumbersView:
            if not await services.desk.set_numbers(lead_id, numbers):
                raise NoSuchLead(lead_id=str(lead_id))
            return NumbersView(numbers=tuple(map(NumberView.of, numbers)))

        return await once(request, services, idempotency_key, act)


async def numbers_of(services: Services, lead_id: int) -> tuple[NumberView, ...]:
    """A lead's other numbers as they are shown."""
    return tuple(map(NumberView.of, await services.desk.numbers(lead_id)))


def alternates_of(services: Services, own: LeadList | None, given: Sequence[NumberBody]) -> list[AltNumber]:
    """Numbers that were given for a lead, read in the country of its list.

    Raises:
        InvalidInput: one can be none, or is there twice.
    """
    found: dict[str, AltNumber] = {}
    for place, one in enumerate(given):
        field = f"numbers[{place}].number"
        number = number_of(services, own, one.number, one.phone_code, field=field)
        if number.e164 in found:
            raise InvalidInput(f"{number.e164} is there twice", field=field)
        found[number.e164] = AltNumber(
            number=number.national, phone_code=str(number.country_code), note=one.note, active=one.active
        )
    return list(found.values())
