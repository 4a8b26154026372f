"""`/v1/console/script` and `/web-form`: what an agent's page shows, with her lead's fields."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from bridge.access.model import Principal
from bridge.api.guard import CONSOLE
from bridge.api.rest.console import InConsole
from bridge.api.rest.console_work import campaign_of
from bridge.campaigns.model import Campaign
from bridge.campaigns.page_fields import fill_text, may_frame
from bridge.campaigns.url_template import UnfitValue, fill
from bridge.crm.values import Facts, values_of
from bridge.errors import InvalidState, NoWebForm
from bridge.leads.model import LeadList
from bridge.services import Services


class ScriptView(msgspec.Struct, frozen=True, kw_only=True):
    """What she reads to the customer."""

    title: str
    text: str
    """Text, with line breaks; empty: the campaign has none."""


class WebFormView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a CRM, for the lead that she has."""

    url: str
    frame: bool
    """Whether it may stand in a frame of the page; else it is for another tab."""


class ConsoleLeadController(Controller):
    """What is filled in for the lead of her call, of her wrap-up or of what she looks at."""

    path = "/console"
    tags = ("console",)

    @get("/script", opt={"right": CONSOLE, "action": "console.script"}, summary="Her campaign's script")
    async def script(self, request: InConsole, services: NamedDependency[Services]) -> ScriptView:
        """With the lead's fields; without a lead their places are empty. 404 if she works for no campaign."""
        _, campaign = await campaign_of(services, request.user.user)
        values = await _values(services, request.user, campaign)
        return ScriptView(title=campaign.name or campaign.id, text=fill_text(campaign.script, values))

    @get("/web-form", opt={"right": CONSOLE, "action": "console.webform"}, summary="Her campaign's web form")
    async def web_form(self, request: InConsole, services: NamedDependency[Services]) -> WebFormView:
        """Its address with the lead's fields, encoded; 404 `no-web-form` if there is none."""
        _, campaign = await campaign_of(services, request.user.user)
        if not campaign.web_form_url:
            raise NoWebForm(campaign=campaign.id)
        values = await _values(services, request.user, campaign)
        try:
            url = fill(campaign.web_form_url, values)
        except UnfitValue as why:
            raise InvalidState(str(why), campaign=campaign.id) from None
        return WebFormView(url=url, frame=may_frame(url, services.options.frame_origins))


async def _values(services: Services, agent: Principal, campaign: Campaign) -> dict[str, str]:
    """What the placeholders stand for now."""
    shown = await services.screens.snapshot(agent.user)
    lead = shown.lead
    own = None if lead is None else await services.site.get(LeadList, str(lead.list_id))
    return values_of(
        Facts(
            at=datetime.now(UTC),
            zone=services.options.timezone,
            call=shown.call,
            lead=lead,
            lead_list=own,
            campaign=campaign,
            agent=agent,
        )
    )
