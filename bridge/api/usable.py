"""What both a user and the caller who asks about it may use."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.access.model import Principal
from bridge.api.every import every
from bridge.campaigns.model import Campaign
from bridge.services import Services


async def campaigns_of(services: Services, caller: Principal, user: Principal) -> list[Campaign]:
    """Active campaigns that both may use, by their ids."""
    scopes = (caller.scope, user.scope)
    return [
        one
        async for one in every(services.site, Campaign)
        if one.active and all(scope is not None and one.id in scope.campaigns for scope in scopes)
    ]


def queues_of(campaigns: Sequence[Campaign]) -> list[str]:
    """The in-groups of those campaigns that take calls."""
    return sorted({queue for one in campaigns if one.inbound for queue in one.queues})
