"""`/v1/people/{number}`: what is on record of a person, counted, and erased."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, delete, get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from bridge.access.model import Principal
from bridge.api.rest.numbers import WRITTEN
from bridge.audit.entry import here
from bridge.errors import PersonInCall, UnreadableNumber
from bridge.leads.errors import InvalidLead, PersonBusy
from bridge.persons.model import Erased, Wish
from bridge.services import Services

Asked = Request[Principal, Any, Any]
RIGHT = "people.erase"
NumberPath = Annotated[
    str,
    PathParameter(
        pattern=WRITTEN,
        description="Her number as it is dialled at the site, or with `+`.",
        examples=[Example(value="+17275550100")],
    ),
]
Leads = Annotated[
    list[Annotated[int, Meta(ge=1, le=2**63 - 1)]] | None,
    QueryParameter(max_items=100, description="Further leads that are hers; may be given again."),
]
EvidenceToo = Annotated[
    bool,
    QueryParameter(description="Also her number in calls, what the gate has said, and her consents."),
]
FilesGone = Annotated[
    bool, QueryParameter(description="The files of her recordings were removed by other hands.")
]


class PersonController(Controller):
    """Erasing a person."""

    path = "/people/{number:str}"
    tags = ("people",)

    @get("/", opt={"right": RIGHT}, summary="What would be erased of a person")
    async def look(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        number: NumberPath,
        lead_id: Leads = None,
        evidence_too: EvidenceToo = False,
    ) -> Erased:
        """Counted; nothing is changed. Whoever may not use one of her lists or campaigns may not ask."""
        wish = Wish(number=number, leads=tuple(lead_id or ()), evidence_too=evidence_too)
        await _check(request, services, wish)
        return await services.persons.look(wish)

    @delete("/", opt={"right": RIGHT}, status_code=200, summary="Erase a person")
    async def erase(  # noqa: PLR0913  one for each parameter
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        number: NumberPath,
        lead_id: Leads = None,
        evidence_too: EvidenceToo = False,
        files_gone: FilesGone = False,
    ) -> Erased:
        """Her leads, and her data in all that is kept. Cut off in the midst, the same request goes on.

        What the law may ask to keep stays, unless it is asked for, too: `kept` says how much. Do-not-call
        entries always stay.
        """
        wish = Wish(
            number=number, leads=tuple(lead_id or ()), evidence_too=evidence_too, files_gone=files_gone
        )
        await _check(request, services, wish)
        try:
            return await services.persons.erase(wish)
        except PersonBusy:
            raise PersonInCall from None


async def _check(request: Asked, services: Services, wish: Wish) -> None:
    """Whether it is a number (`UnreadableNumber`), and all that is hers the caller's to use (`Forbidden`)."""
    here().on_number(wish.number)
    try:
        found = await services.persons.reach(wish)
    except InvalidLead as error:
        raise UnreadableNumber(error.why, field="number") from None
    for list_id in sorted(found.lists):
        services.access.check_limits(request.user, RIGHT, lead_list=list_id)
    for campaign in sorted(found.campaigns):
        services.access.authorize(request.user, RIGHT, campaign=campaign)
