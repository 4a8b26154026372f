"""`/v1/agents/{user}/screen/lead`, `/leads`: the lead on an agent's screen, and leads added for her."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from litestar import Controller, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, Meta, UnsetType

from bridge.access.names import ALL
from bridge.agents.model import AgentSession
from bridge.api.new_leads import Added, add_lead, add_lead_with_consent, dnc_hit, list_of
from bridge.api.rest.command import Asked, seated
from bridge.api.rest.fields import LeadId, UserPath
from bridge.api.rest.models import Body
from bridge.api.rest.once import Key, once
from bridge.campaigns.model import Campaign
from bridge.consent.model import Given
from bridge.errors import InvalidInput, InvalidState, NoLead, NoSuchLead, NotAllowed
from bridge.leads.errors import InvalidLead
from bridge.leads.fields import new_lead
from bridge.leads.model import Lead, NewLead
from bridge.screens.model import Panel
from bridge.services import Services

_TEXT = r"^[^\x00-\x1f\x7f<>|]*$(?!\n)"
"""No control characters, and none that would break a page or a line of the line format."""
Text = Annotated[str, Meta(max_length=255, pattern=_TEXT)]
LongText = Annotated[str, Meta(max_length=2000, pattern=_TEXT)]
PhoneNumber = Annotated[str, Meta(pattern=r"^[0-9]{1,18}$(?!\n)", examples=["7275550100"])]
CountryCode = Annotated[str, Meta(pattern=r"^[0-9]{1,4}$(?!\n)", examples=["1"])]


class LeadFields(Body, frozen=True, kw_only=True):
    """Fields of a lead; what is left out stays as it is, an empty text empties the field."""

    vendor_lead_code: Text | UnsetType = UNSET
    source_id: Text | UnsetType = UNSET
    owner: Text | UnsetType = UNSET
    rank: Annotated[int, Meta(ge=-999_999_999, le=999_999_999)] | UnsetType = UNSET
    title: Text | UnsetType = UNSET
    first_name: Text | UnsetType = UNSET
    middle_initial: Text | UnsetType = UNSET
    last_name: Text | UnsetType = UNSET
    address1: Text | UnsetType = UNSET
    address2: Text | UnsetType = UNSET
    address3: Text | UnsetType = UNSET
    city: Text | UnsetType = UNSET
    state: Text | UnsetType = UNSET
    province: Text | UnsetType = UNSET
    postal_code: Text | UnsetType = UNSET
    country_code: Text | UnsetType = UNSET
    gender: Text | UnsetType = UNSET
    date_of_birth: Text | UnsetType = UNSET
    alt_phone: Text | UnsetType = UNSET
    email: Text | UnsetType = UNSET
    security_phrase: Text | UnsetType = UNSET
    comments: LongText | UnsetType = UNSET
    gmt_offset_minutes: Annotated[int, Meta(ge=-840, le=840, multiple_of=15)] | UnsetType = UNSET
    """From UTC, without daylight saving time."""


class ScreenLeadBody(LeadFields, frozen=True, kw_only=True):
    """What is changed of the lead on her screen."""

    phone_number: PhoneNumber | UnsetType = UNSET
    phone_code: CountryCode | UnsetType = UNSET
    reload: Annotated[tuple[Panel, ...], Meta(max_length=len(Panel))] = ()
    """Panels that are loaded anew with it."""


class SwitchLeadBody(Body, frozen=True, kw_only=True):
    """Which lead is the one of her call: by its id, or by the code of the caller's own system."""

    lead_id: LeadId | None = None
    vendor_lead_code: Annotated[Text, Meta(min_length=1, examples=["CRM-4711"])] | None = None
    """Of several leads that have it the newest."""


class NewLeadBody(LeadFields, frozen=True, kw_only=True):
    """A lead for the manual list of her campaign."""

    phone_number: PhoneNumber
    phone_code: CountryCode
    check_dnc: bool = False
    """Refuse a number of the site's do-not-call list; dials are refused in any case."""
    check_campaign_dnc: bool = False
    """Refuse a number of the campaign's do-not-call list."""
    consent: Given | None = None
    """What its customer has agreed to, written with the lead or not at all; needs the right of consents."""


CONSENT_RIGHT = "consents.write"
"""The right that is asked for a consent, wherever it comes from."""

LEAD_BODIES = (ScreenLeadBody, SwitchLeadBody, NewLeadBody)


class ScreenLeadController(Controller):
    """The lead on an agent's screen."""

    path = "/agents/{user:str}/screen/lead"
    tags = ("screen",)

    @get("/", opt={"right": "agents.lead"}, summary="The lead on an agent's screen")
    async def lead(self, request: Asked, services: NamedDependency[Services], user: UserPath) -> Lead:
        """The one of her call or of her wrap-up; 409 `no-lead` if there is none."""
        await seated(request, services, user)
        lead = await _lead(services, user)
        _check_list(request, services, lead)
        return lead

    @patch("/", opt={"right": "agents.update_lead"}, summary="Change the lead on an agent's screen")
    async def change(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[ScreenLeadBody],
        idempotency_key: Key = None,
    ) -> Lead:
        """Her screen shows it at once; 409 `no-lead` if she has none."""
        await seated(request, services, user)
        if request.user.limits.lists is not ALL:
            _check_list(request, services, await _lead(services, user))
        fields = texts_of(data, (*LeadFields.__struct_fields__, "phone_number", "phone_code"))
        if not fields and not data.reload:
            raise InvalidInput("there is nothing to change")

        async def act() -> Lead:
            await services.screens.update_fields(user, fields, data.reload)
            return await _lead(services, user)

        return await once(request, services, idempotency_key, act)

    @put("/", opt={"right": "agents.switch_lead"}, summary="Switch to another lead")
    async def switch(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[SwitchLeadBody],
        idempotency_key: Key = None,
    ) -> Lead:
        """Make it the one of her inbound call, where her campaign allows that; 409 `no-call` without one."""
        session = await seated(request, services, user)
        if (data.lead_id is None) == (data.vendor_lead_code is None):
            raise InvalidInput("give either lead_id or vendor_lead_code", field="lead_id")

        async def act() -> Lead:
            await _check_switch(services, session)
            lead = await _wanted(services, data)
            _check_list(request, services, lead)
            await services.screens.switch_lead(user, lead.id)
            return await _lead(services, user)

        return await once(request, services, idempotency_key, act)


class AgentLeadController(Controller):
    """Leads that are added for an agent."""

    path = "/agents/{user:str}/leads"
    tags = ("leads",)

    @post("/", opt={"right": "agents.add_lead"}, status_code=200, summary="Add a lead for an agent")
    async def add(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[NewLeadBody],
        idempotency_key: Key = None,
    ) -> Added:
        """To the manual list of her campaign (list 0 without one), as called just now."""
        session = await seated(request, services, user)
        if data.consent is not None:
            services.access.authorize(request.user, CONSENT_RIGHT, campaign=session.campaign)

        async def act() -> Added:
            return await _add(request, services, session, data)

        return await once(request, services, idempotency_key, act, repeatable=False)


def _check_list(request: Asked, services: Services, lead: Lead | NewLead) -> None:
    action = request.route_handler.opt["right"]
    services.access.check_limits(request.user, action, lead_list=lead.list_id)


async def _lead(services: Services, user: str) -> Lead:
    found = await services.screens.snapshot(user)
    if found.session is None or found.session.lead_id is None or found.lead is None:
        raise NoLead(agent=user)
    return found.lead


def texts_of(body: LeadFields, names: Iterable[str] = LeadFields.__struct_fields__) -> dict[str, str]:
    """What was given of these, as the line format names and writes it."""
    given: dict[str, Any] = {name: value for name in names if (value := getattr(body, name)) is not UNSET}
    minutes = given.pop("gmt_offset_minutes", None)
    hours = {} if minutes is None else {"gmt_offset_now": f"{minutes / 60:.2f}"}
    return {name: str(value) for name, value in given.items()} | hours


async def _check_switch(services: Services, session: AgentSession) -> None:
    await services.screens.call(session.user)
    campaign = await services.site.get(Campaign, session.campaign)
    if campaign is None or not campaign.inbound_lead_search:
        raise InvalidState(
            f"campaign {session.campaign} does not allow to switch leads", campaign=session.campaign
        )


async def _wanted(services: Services, body: SwitchLeadBody) -> Lead:
    if body.vendor_lead_code is not None:
        lead = await services.leads.by_vendor_code(body.vendor_lead_code)
    else:
        lead = await services.leads.get(body.lead_id or 0)
    if lead is None:
        raise NoSuchLead(lead_id=body.vendor_lead_code or str(body.lead_id))
    return lead


async def _add(request: Asked, services: Services, session: AgentSession, body: NewLeadBody) -> Added:
    number, campaign = body.phone_number, await services.site.get(Campaign, session.campaign)
    if campaign is None:
        raise InvalidState(f"there is no campaign {session.campaign}", campaign=session.campaign)
    hit = await dnc_hit(services, number, campaign.id, system=body.check_dnc, own=body.check_campaign_dnc)
    if hit:
        raise NotAllowed(f"the number is in the do-not-call list of the {hit}", rule="dnc", list=hit)
    try:
        lead = new_lead(list_of(campaign), number, body.phone_code, request.user.user, texts_of(body))
    except InvalidLead as error:
        raise InvalidInput(error.why, field=error.field) from None
    _check_list(request, services, lead)
    if body.consent is None:
        return await add_lead(services, session, lead)
    services.access.check_limits(request.user, CONSENT_RIGHT, lead_list=lead.list_id)
    try:
        return await add_lead_with_consent(services, session, lead, body.consent, request.user.user)
    except InvalidLead as error:
        raise InvalidInput(error.why, field=f"consent.{error.field}") from None
