"""`/v1/console/…`: what an agent's page needs of her campaign, her calls of the day, her callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from bridge.agents.model import AgentSession
from bridge.api.guard import CONSOLE
from bridge.api.rest.callback_access import CallbackView, seen
from bridge.api.rest.callbacks import cursor_of, place_of
from bridge.api.rest.console import InConsole
from bridge.api.rest.fields import Limit
from bridge.api.rest.paging import Cursor, linked, page
from bridge.calls.model import Call
from bridge.campaigns.dispositions import Disposition, dispositions_of
from bridge.campaigns.model import Campaign, InGroup
from bridge.campaigns.page_fields import may_frame
from bridge.crm.values import talked
from bridge.errors import NoSuchCampaign
from bridge.leads.callbacks import Wanted
from bridge.services import CallQuery, Services


class PauseChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A reason for a pause."""

    code: str
    name: str


class PresetView(msgspec.Struct, frozen=True, kw_only=True):
    """A number for transfers."""

    name: str
    number: str
    dtmf: str
    """Keys that are sent once it is answered."""
    hide_number: bool
    """The page shows the name alone."""


class InGroupChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A queue that she may serve, and pass customers on to."""

    id: str
    name: str


class WebFormChoice(msgspec.Struct, frozen=True, kw_only=True):
    """That there is a web form; `GET …/web-form` gives its address for her lead."""

    url: str
    """With its placeholders."""
    frame: bool
    """Whether it may stand in a frame of the page; else it is for another tab."""


class ConsoleCampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent's page needs of the campaign that she is logged in with."""

    id: str
    name: str
    dial_method: str
    preview: str
    """Whether she looks at leads before she dials, and may skip them."""
    alt_number_dialing: bool
    """Whether she may dial a lead's other numbers."""
    manual_dial: bool
    """Whether she herself may dial by hand."""
    inbound: bool
    wrapup_seconds: int
    default_status: str
    """What an answered call gets that she does not dispose within `wrapup_seconds`."""
    pause_codes: tuple[PauseChoice, ...]
    statuses: tuple[Disposition, ...]
    presets: tuple[PresetView, ...]
    in_groups: tuple[InGroupChoice, ...]
    script: str
    """With its placeholders; `GET …/script` fills them in. Empty: there is none."""
    web_form: WebFormChoice | None
    recording: str
    """`ONDEMAND`: she begins and ends it."""


class ConsoleCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that she has had today."""

    id: str
    at: datetime
    """When it was asked for, or came in."""
    number: str
    kind: str
    status: str
    talk_seconds: int
    lead_id: int | None

    @classmethod
    def of(cls, call: Call) -> ConsoleCall:
        """The view of a call."""
        return cls(
            id=call.id,
            at=call.asked_at,
            number=call.number,
            kind=call.kind.value,
            status=call.status,
            talk_seconds=talked(call),
            lead_id=call.lead_id,
        )


class ConsoleWorkController(Controller):
    """What she works with."""

    path = "/console"
    tags = ("console",)

    @get("/campaign", opt={"right": CONSOLE, "action": "console.campaign"}, summary="Her campaign")
    async def campaign(self, request: InConsole, services: NamedDependency[Services]) -> ConsoleCampaignView:
        """What may be chosen in the campaign that she works for; 404 `no-such-campaign` without one."""
        session, campaign = await campaign_of(services, request.user.user)
        keys = campaign.preset_options
        return ConsoleCampaignView(
            id=campaign.id,
            name=campaign.name,
            dial_method=campaign.dial_method,
            preview=campaign.preview,
            alt_number_dialing=campaign.alt_number_dialing,
            manual_dial=request.user.manual_dial,
            inbound=campaign.inbound,
            wrapup_seconds=campaign.wrapup_seconds,
            default_status=campaign.default_status,
            pause_codes=tuple(
                PauseChoice(code=one.code, name=one.name or one.code) for one in campaign.pause_codes
            ),
            statuses=dispositions_of(campaign),
            presets=tuple(
                PresetView(
                    name=name,
                    number=number,
                    dtmf=keys[name].keys if name in keys else "",
                    hide_number=name in keys and keys[name].hide_number,
                )
                for name, number in campaign.presets.items()
            ),
            in_groups=await _in_groups(
                services, (*campaign.queues, *(request.user.queues or ()), *session.queues)
            ),
            script=campaign.script,
            web_form=_web_form(services, campaign),
            recording="ONDEMAND",
        )

    @get("/calls", opt={"right": CONSOLE, "action": "console.calls"}, summary="Her calls of today")
    async def calls(
        self,
        request: InConsole,
        services: NamedDependency[Services],
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> list[ConsoleCall]:
        """Since midnight at the site, newest first; in whatever campaign she had them."""
        today = datetime.now(services.options.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
        query = CallQuery(user=request.user.user, since=today, before=cursor, limit=limit + 1)
        found = await services.calls.list(query)
        return page(request, services, found, limit=limit, key=lambda call: call.id, view=ConsoleCall)

    @get("/callbacks", opt={"right": CONSOLE, "action": "console.callbacks"}, summary="Her callbacks")
    async def callbacks(
        self,
        request: InConsole,
        services: NamedDependency[Services],
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[CallbackView]:
        """Those that she herself has to do and that stand, the first to be done first."""
        wanted = Wanted(user=request.user.user)
        found = await services.desk.callback_page(wanted, place_of(cursor), limit + 1)
        shown = await seen(services, found[:limit])
        after = cursor_of(found[limit - 1]) if len(found) > limit else None
        return linked(request, services, [CallbackView.of(services, one) for one in shown], after)


async def campaign_of(services: Services, user: str) -> tuple[AgentSession, Campaign]:
    """The campaign that an agent is logged in with, and her session (`NoSuchCampaign`)."""
    session = await services.agents.session(user)
    campaign = None if session is None else await services.site.get(Campaign, session.campaign)
    if session is None or campaign is None:
        raise NoSuchCampaign("she is not logged in for a campaign")
    return session, campaign


def _web_form(services: Services, campaign: Campaign) -> WebFormChoice | None:
    url = campaign.web_form_url
    if not url:
        return None
    return WebFormChoice(url=url, frame=may_frame(url, services.options.frame_origins))


async def _in_groups(services: Services, names: Sequence[str]) -> tuple[InGroupChoice, ...]:
    """Those that are there and active, in their order, each once."""
    found = [await services.site.get(InGroup, name) for name in dict.fromkeys(names)]
    return tuple(
        InGroupChoice(id=one.name, name=one.title or one.name)
        for one in found
        if one is not None and one.active
    )
