"""`/v1/leads/{lead_id}/consents`: what a customer has agreed to, and what she has taken back."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from bridge.access.model import Principal
from bridge.api.rest.models import Body
from bridge.api.rest.once import Key, once
from bridge.audit.entry import here
from bridge.consent.model import Consent, Given
from bridge.errors import InvalidInput, NoSuchLead
from bridge.leads.errors import InvalidLead
from bridge.services import Services

Asked = Request[Principal, Any, Any]
LeadPath = Annotated[
    int,
    PathParameter(ge=1, le=2**63 - 1, description="The lead's id.", examples=[Example(value=201)]),
]
_TEXT = r"^[^\x00-\x1f\x7f]*$(?!\n)"


class RevokeBody(Body, frozen=True, kw_only=True):
    """How a customer has taken a consent back."""

    purpose: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{0,40}$(?!\n)", examples=["sales"])] = ""
    """Only what was given for this; empty: everything."""
    how: Annotated[str, Meta(min_length=1, max_length=200, pattern=_TEXT)]
    """In which way she said so."""


class Revoked(msgspec.Struct, frozen=True, kw_only=True):
    """What holds no more."""

    lead_id: int
    revoked: int
    """Consents, for all numbers of the lead, also those that came with other leads."""


CONSENT_BODIES = (Given, RevokeBody)


class ConsentController(Controller):
    """The consents of a lead."""

    path = "/leads/{lead_id:int}/consents"
    tags = ("leads",)

    @get("/", opt={"right": "consents.read"}, summary="What a customer has agreed to")
    async def of_lead(
        self, request: Asked, services: NamedDependency[Services], lead_id: LeadPath
    ) -> list[Consent]:
        """All that came with the lead, also what she has taken back, the newest first."""
        await _check(request, services, lead_id)
        return list(await services.consents.of_lead(lead_id))

    @post("/", opt={"right": "consents.write"}, status_code=200, summary="Write a consent down")
    async def add(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        lead_id: LeadPath,
        data: JSONBody[Given],
        idempotency_key: Key = None,
    ) -> Consent:
        """It is for one number, and holds for whoever calls it; a lead that waited for it may be called."""
        await _check(request, services, lead_id)

        async def act() -> Consent:
            try:
                made = await services.consents.add(lead_id, data, request.user.user)
            except InvalidLead as error:
                raise InvalidInput(error.why, field=error.field) from None
            if made is None:
                raise NoSuchLead(lead_id=str(lead_id))
            return made

        return await once(request, services, idempotency_key, act)

    @post("/revoke", opt={"right": "consents.write"}, status_code=200, summary="Take a consent back")
    async def revoke(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        lead_id: LeadPath,
        data: JSONBody[RevokeBody],
        idempotency_key: Key = None,
    ) -> Revoked:
        """From now on nothing is dialled by it. What was given stays on record."""
        await _check(request, services, lead_id)

        async def act() -> Revoked:
            count = await services.consents.revoke(
                lead_id, purpose=data.purpose, how=data.how, by=request.user.user
            )
            if count is None:
                raise NoSuchLead(lead_id=str(lead_id))
            return Revoked(lead_id=lead_id, revoked=count)

        return await once(request, services, idempotency_key, act)


async def _check(request: Asked, services: Services, lead_id: int) -> None:
    """Whether there is the lead (`NoSuchLead`), in a list that the caller may use (`Forbidden`)."""
    here().on_lead(str(lead_id))
    lead = await services.lookups.lead(lead_id)
    if lead is None:
        raise NoSuchLead(lead_id=str(lead_id))
    services.access.check_limits(request.user, request.route_handler.opt["right"], lead_list=lead.list_id)
