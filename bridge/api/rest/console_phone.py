"""`/v1/console/phone`: what an agent's page registers with, where it is her phone."""

from __future__ import annotations

from litestar import get
from litestar.di import NamedDependency

from bridge.api.guard import CONSOLE
from bridge.api.rest.console import InConsole
from bridge.campaigns.browser_server import BrowserPhone
from bridge.errors import NoBrowserPhone
from bridge.services import Services


@get(
    "/console/phone",
    opt={"right": CONSOLE, "action": "console.phone"},
    tags=["console"],
    summary="What this page registers with as her phone",
)
async def console_phone(request: InConsole, services: NamedDependency[Services]) -> BrowserPhone:
    """Of the phone that she sits at, else of her own; 404 `no-browser-phone` where that is none."""
    session = await services.agents.session(request.user.user)
    login = session.phone if session is not None else request.user.phone
    if not login:
        raise NoBrowserPhone("this agent has no phone")
    return await services.browser_phones.of(login)
