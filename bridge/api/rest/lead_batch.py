"""`PATCH /v1/leads`: the same change for many leads; and leads brought back from the archive."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from litestar import Controller, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.access.errors import Forbidden
from bridge.api.rest.command import Asked
from bridge.api.rest.consents import LeadPath
from bridge.api.rest.fields import LeadId
from bridge.api.rest.lead_access import check_lead, list_for, list_of
from bridge.api.rest.leads import LeadChangeBody, change_of, fields_of, list_then
from bridge.api.rest.models import Body
from bridge.api.rest.once import Key, once
from bridge.audit.entry import here
from bridge.errors import InvalidInput, InvalidState, NoSuchLead
from bridge.leads.changing import Dearchived
from bridge.leads.errors import InvalidLead
from bridge.leads.model import Lead
from bridge.services import Services

BATCH: Final = "leads.batch"
BACK: Final = "leads.dearchive"
MOST: Final = 500
"""Leads of one request."""


class LeadBatchBody(Body, frozen=True, kw_only=True):
    """Which leads are to be changed, and how: as one lead is."""

    lead_ids: Annotated[tuple[LeadId, ...], Meta(min_length=1, max_length=MOST)]
    change: LeadChangeBody


class LeadRefused(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that stays as it was."""

    lead_id: int
    why: str


class LeadBatchView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the leads."""

    changed: tuple[int, ...]
    refused: tuple[LeadRefused, ...]
    """Those that are not there, or not the caller's, and those that the change does not fit."""


LEAD_BATCH_BODIES = (LeadBatchBody,)


class LeadBatchController(Controller):
    """Many leads at once, and those of the archive."""

    path = "/leads"
    tags = ("leads",)

    @patch("/", opt={"right": BATCH}, summary="Change many leads")
    async def change(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        data: JSONBody[LeadBatchBody],
        idempotency_key: Key = None,
    ) -> LeadBatchView:
        """Each in a transaction of its own, by their ids. A change that can be of no lead changes none."""
        await _check(request, services, data.change)

        async def act() -> LeadBatchView:
            changed: list[int] = []
            refused: list[LeadRefused] = []
            for lead_id in sorted(set(data.lead_ids)):
                try:
                    await _change(request, services, lead_id, data.change)
                except (InvalidInput, InvalidLead, NoSuchLead) as error:
                    refused.append(LeadRefused(lead_id=lead_id, why=_why(error)))
                else:
                    changed.append(lead_id)
            return LeadBatchView(changed=tuple(changed), refused=tuple(refused))

        return await once(request, services, idempotency_key, act)

    @post(
        "/{lead_id:int}/dearchive",
        opt={"right": BACK},
        status_code=200,
        summary="Bring a lead back from the archive",
    )
    async def dearchive(
        self,
        request: Asked,
        services: NamedDependency[Services],
        lead_id: LeadPath,
        idempotency_key: Key = None,
    ) -> Lead:
        """409 `invalid-state` if there is one of this id that is not archived."""
        here().on_lead(str(lead_id))
        found = await services.desk.get(str(lead_id), archived=True)
        if found is None:
            raise NoSuchLead(lead_id=str(lead_id))
        check_lead(request, services, BACK, found, await list_of(services, found))

        async def act() -> Lead:
            became = await services.desk.dearchive(lead_id)
            if became is Dearchived.THERE_ALREADY:
                raise InvalidState("there is a lead of this id that is not archived", lead_id=str(lead_id))
            back = await services.desk.get(str(lead_id))
            if became is not Dearchived.DONE or back is None:
                raise NoSuchLead(lead_id=str(lead_id))
            return back

        return await once(request, services, idempotency_key, act)


async def _check(request: Asked, services: Services, change: LeadChangeBody) -> None:
    """What is wrong whichever lead it is.

    Raises:
        Forbidden: the caller may not use the list that they shall go over to.
        InvalidInput: a field is wrong, or there is nothing to change.
    """
    if change.list_id is not None:
        await list_for(request, services, BATCH, change.list_id)
    fields = fields_of(services, None, change)
    if not (fields or change.custom or change.hopper or change.leave_hopper):
        raise InvalidInput("there is nothing to change", field="change")


async def _change(request: Asked, services: Services, lead_id: int, change: LeadChangeBody) -> None:
    lead = await services.desk.get(str(lead_id))
    if lead is None:
        raise NoSuchLead(lead_id=str(lead_id))
    try:
        check_lead(request, services, BATCH, lead, await list_of(services, lead))
    except Forbidden:
        raise NoSuchLead(lead_id=str(lead_id)) from None
    own = await list_then(request, services, lead, change)
    await services.desk.change(change_of(services, lead, own, change))


def _why(error: InvalidInput | InvalidLead | NoSuchLead) -> str:
    if isinstance(error, NoSuchLead):
        return "there is no such lead"
    if isinstance(error, InvalidLead):
        return f"{error.field}: {error.why}"
    return f"{error.field}: {error.message}" if error.field else error.message
