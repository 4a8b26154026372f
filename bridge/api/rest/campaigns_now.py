"""`/v1/reports/campaigns`: how campaigns are doing at this moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from litestar import get
from litestar.di import NamedDependency

from bridge.access.model import Principal
from bridge.access.names import All
from bridge.api.agents_now import Seen, all_seen
from bridge.api.every import every
from bridge.api.rest.fields import Limit
from bridge.api.rest.now import HEADS, Agents, One
from bridge.api.rest.paging import Cursor
from bridge.api.rest.table import Asked, Form, Sheet, table
from bridge.calls.model import Call, CallState
from bridge.campaigns.model import Campaign
from bridge.reports.agents import is_live, waits
from bridge.reports.standing import Standing
from bridge.services import Services

_PART: Final = 100
"""Campaigns that are looked at together."""
_RINGING: Final = frozenset({CallState.PLANNED, CallState.SENT, CallState.DIALING, CallState.RINGING})


class CampaignNowView(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign that is active."""

    name: str
    """Its id."""
    dial_method: str
    dial_level: float
    """RATIO: lines for each agent who waits. 0: nothing is dialled by itself, with any method."""
    max_dial_level: float
    """Adaptive methods: lines for each agent at most."""
    calls: int
    """On which somebody is on the line, those that only ring among them."""
    dialling: int
    """Of these, those that nobody has answered yet."""
    waiting: int
    """Customers who wait for an agent."""
    hopper: int | None
    """Leads that may be dialled now; null where the caller sees only some lists."""
    hopper_held: int | None
    """Leads of the hopper that wait for their hour."""
    answered: int
    """Automatic calls that a person has answered within 30 days, as far as is known."""
    abandoned: int
    """Of these, those for which no agent was there."""
    drop_percent: float
    drop_limit: float
    """In per cent; at it, the campaign dials nothing by itself any more."""
    agents: Agents


_SHEET: Final[Sheet[CampaignNowView]] = Sheet(
    (*CampaignNowView.__struct_fields__[:-1], *(f"agents_{head}" for head in HEADS)),
    lambda one: [(*msgspec.structs.astuple(one)[:-1], *msgspec.structs.astuple(one.agents))],
)


@get(
    "/reports/campaigns",
    opt={"right": "site.read"},
    tags=["reports"],
    summary="Campaigns, with calls, drops and agents counted",
)
async def campaigns_now(  # noqa: PLR0913  each is a parameter of the request
    *,
    request: Asked,
    services: NamedDependency[Services],
    name: One = None,
    format: Form = None,  # noqa: A002  the name of the query parameter
    cursor: Cursor = "",
    limit: Limit = 100,
) -> list[CampaignNowView]:
    """Active ones that the caller may use, by id. Drops are those of 30 days, ten seconds old at most."""
    now = datetime.now(UTC)
    seen, calls = await all_seen(services, request.user, now.astimezone(services.options.timezone))
    shown = [
        one
        async for one in every(services.site, Campaign)
        if one.active and one.id > cursor and name in (None, one.id) and _may_use(request.user, one.id)
    ]

    async def pages() -> AsyncIterator[Sequence[CampaignNowView]]:
        for start in range(0, len(shown), _PART):
            part = shown[start : start + _PART]
            stand = await services.reports.standing([one.id for one in part], now)
            whole = isinstance(request.user.limits.lists, All)
            yield [_view(one, stand[one.id], seen, calls, whole=whole) for one in part]

    return await table(request, services, pages(), sheet=_SHEET, form=format, limit=limit, key=_name)


def _may_use(principal: Principal, campaign: str) -> bool:
    return principal.scope is not None and campaign in principal.scope.campaigns


def _view(
    campaign: Campaign, stand: Standing, seen: Collection[Seen], calls: Collection[Call], *, whole: bool
) -> CampaignNowView:
    theirs = [one for one in calls if one.campaign == campaign.id and is_live(one)]
    agents = [one.agent for one in seen if one.agent.session.campaign == campaign.id]
    return CampaignNowView(
        name=campaign.id,
        dial_method=campaign.dial_method,
        dial_level=campaign.dial_level,
        max_dial_level=campaign.max_dial_level,
        calls=len(theirs),
        dialling=sum(one.state in _RINGING for one in theirs),
        waiting=sum(waits(one) for one in theirs),
        hopper=stand.ready if whole else None,
        hopper_held=stand.held if whole else None,
        answered=stand.drops.answered,
        abandoned=stand.drops.abandoned,
        drop_percent=round(stand.drops.share, 2),
        drop_limit=campaign.drop_limit,
        agents=Agents.of(agents),
    )


def _name(one: CampaignNowView) -> str:
    return one.name
