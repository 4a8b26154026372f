"""The ASGI application: both APIs over the services it is given."""

from __future__ import annotations

from typing import Any, Self

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide

from bridge.api.auditing import AuditedApp
from bridge.api.errors import handle
from bridge.api.guard import guard, known_query
from bridge.api.headers import cors, harden
from bridge.api.intake import intake_router
from bridge.api.request import StrictRequest
from bridge.api.rest.agents import AgentController
from bridge.api.rest.audit import audit_trail
from bridge.api.rest.by_hand import HandController
from bridge.api.rest.callbacks import CallbackController
from bridge.api.rest.calls import CallController
from bridge.api.rest.campaigns_now import campaigns_now
from bridge.api.rest.consents import ConsentController
from bridge.api.rest.console import AgentConsoleController, ConsoleController
from bridge.api.rest.console_lead import ConsoleLeadController
from bridge.api.rest.console_phone import console_phone
from bridge.api.rest.console_work import ConsoleWorkController
from bridge.api.rest.dnc import DncController
from bridge.api.rest.docs import asyncapi, openapi, openapi_config
from bridge.api.rest.events import events, past_events
from bridge.api.rest.filter_groups import FilterGroupController
from bridge.api.rest.fronter import FronterController
from bridge.api.rest.health import detailed_health, health, ready
from bridge.api.rest.hopper import HopperController
from bridge.api.rest.imports import ImportController
from bridge.api.rest.intake import IntakeKeyController, PostController
from bridge.api.rest.keys import KeyController
from bridge.api.rest.lead import AgentLeadController, ScreenLeadController
from bridge.api.rest.lead_batch import LeadBatchController
from bridge.api.rest.lead_numbers import NumberController
from bridge.api.rest.leads import LeadRecordController
from bridge.api.rest.list_report import list_report
from bridge.api.rest.metrics import metrics
from bridge.api.rest.new_lead import LeadController
from bridge.api.rest.now import NowController
from bridge.api.rest.parties import PartyController
from bridge.api.rest.pause_report import pauses
from bridge.api.rest.people import PersonController
from bridge.api.rest.phone import PhoneController
from bridge.api.rest.pickers import boxes, music, refresh, sounds
from bridge.api.rest.queues import QueueController
from bridge.api.rest.raw_events import raw_events
from bridge.api.rest.recordings import AgentRecordingController, RecordingController
from bridge.api.rest.remote_agents import RemoteAgentController
from bridge.api.rest.reports import ReportController
from bridge.api.rest.screen import ScreenController
from bridge.api.rest.shift import ShiftController
from bridge.api.rest.site import SITE_CONTROLLERS
from bridge.api.rest.sounds import SoundController
from bridge.api.rest.users import AgentUserController, ApiUserController
from bridge.api.rest.webhooks import webhook_secret
from bridge.api.rest.whole_lists import WholeListController
from bridge.api.rest.why import campaign_why, lead_why
from bridge.api.vicidial.endpoint import agent_api
from bridge.api.vicidial.non_agent.endpoint import non_agent_api
from bridge.api.web import asset, console, docs, reports, vendored, wallboard
from bridge.services import Services

MAX_BODY = 64 * 1024
"""Largest body under `/v1`, in bytes; the largest that means anything is a campaign's."""


def _services(request: Request[Any, Any, Any]) -> Services:
    services: Services = (
        request.app.state.services
    )  # a parameter `state` would be a copy made for the request
    return services


class _Own(Router):
    """A router of one application alone: registered as it is.

    Litestar copies each router deeply that it is given, with all handlers in it, as another application might
    be given the same; here that was a third of the time of a start.
    """

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self


def create_app(services: Services) -> Litestar:
    """Build the application. It holds no state of its own; the services' owner opens and closes them."""
    v1 = _Own(
        "/v1",
        route_handlers=[
            AgentController,
            HandController,
            PartyController,
            FronterController,
            SoundController,
            PhoneController,
            CallController,
            AgentRecordingController,
            RecordingController,
            ReportController,
            NowController,
            campaigns_now,
            list_report,
            pauses,
            raw_events,
            events,
            past_events,
            detailed_health,
            audit_trail,
            HopperController,
            campaign_why,
            lead_why,
            LeadController,
            LeadRecordController,
            NumberController,
            CallbackController,
            LeadBatchController,
            WholeListController,
            sounds,
            music,
            boxes,
            refresh,
            ConsentController,
            PersonController,
            DncController,
            FilterGroupController,
            ImportController,
            RemoteAgentController,
            QueueController,
            ShiftController,
            ScreenController,
            ScreenLeadController,
            AgentLeadController,
            ConsoleController,
            ConsoleWorkController,
            ConsoleLeadController,
            AgentConsoleController,
            console_phone,
            *SITE_CONTROLLERS,
            webhook_secret,
            IntakeKeyController,
            PostController,
            AgentUserController,
            ApiUserController,
            KeyController,
        ],
        guards=[known_query],
        request_max_body_size=MAX_BODY,
    )
    watching = [health, ready, metrics, wallboard, reports, console, asset, vendored]
    guarded = _Own("/", route_handlers=[v1, *watching, openapi, asyncapi, docs], guards=[guard])
    return AuditedApp(
        # The line format has a login of its own, among its parameters; a form's key is in its address.
        route_handlers=[agent_api, non_agent_api, intake_router(services.options.intake_max_body), guarded],
        dependencies={"services": Provide(_services, sync_to_thread=False)},
        state=State({"services": services}),
        exception_handlers={Exception: handle},
        before_send=[harden],
        cors_config=cors(services.options.cors_origins),
        request_class=StrictRequest,
        openapi_config=openapi_config(),
        logging_config=None,
    )
