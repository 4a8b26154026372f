"""Campaigns that dial by themselves, and where their calls go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bridge.campaigns.model import Campaign, Trunk
from bridge.campaigns.service import Site
from bridge.dialer.attempt import Attempts
from bridge.dialer.causes import Block, Reason
from bridge.dialer.figures import Way
from bridge.dialer.pacing_model import AUTOMATIC
from bridge.store.duties import Duty
from bridge.turn import Turns


class Side(NamedTuple):
    """One Asterisk: the duty to follow it, and what may be done only while that is ours."""

    duty: Duty
    turns: Turns
    attempts: Attempts


class Line(NamedTuple):
    """A campaign that dials by itself, and where."""

    campaign: Campaign
    trunk: Trunk
    way: Way
    side: Side


class Lines:
    """Finds the line of a campaign.

    Args:
        site: where campaigns and trunks are.
        sides: those of each Asterisk that the bridge knows.
        first: the Asterisk of trunks that name none.
    """

    def __init__(self, site: Site, sides: Mapping[str, Side], first: str) -> None:
        self._site = site
        self._sides = sides
        self._first = first

    @property
    def sides(self) -> Mapping[str, Side]:
        """All of them, by Asterisk."""
        return self._sides

    async def of(self, name: str) -> Line | None:
        """The line of a campaign; `None` if it dials nothing by itself, or cannot."""
        campaign = await self._site.campaign(name)
        found = None if campaign is None else await find_way(self._site, campaign, self._first)
        if campaign is None or found is None or found.reasons or found.trunk is None or found.way is None:
            return None
        side = self._sides.get(found.way.asterisk)
        return None if side is None else Line(campaign, found.trunk, found.way, side)


class Found(NamedTuple):
    """Where a campaign's calls go out, and what keeps it from dialling by itself as it is set up."""

    trunk: Trunk | None
    way: Way | None
    reasons: list[Reason]


async def find_way(site: Site, campaign: Campaign, first: str) -> Found:
    """Look at how a campaign is set up.

    Args:
        site: where the trunks are.
        campaign: whose calls.
        first: the Asterisk of trunks that name none.
    """
    reasons: list[Reason] = []
    if not campaign.active:
        why = f"campaign {campaign.id} is not active"
        reasons.append(Reason(cause=Block.CAMPAIGN_INACTIVE, why=why))
    if campaign.dial_method not in AUTOMATIC:
        why = f"dial_method {campaign.dial_method} of campaign {campaign.id} dials nothing by itself"
        reasons.append(Reason(cause=Block.DIAL_METHOD, why=why))
    trunk = await site.trunk(campaign.trunk) if campaign.trunk else None
    if trunk is None or not trunk.active:
        named = f"trunk {campaign.trunk} of campaign {campaign.id} is not active" if campaign.trunk else ""
        why = named or f"campaign {campaign.id} has no trunk"
        return Found(None, None, [*reasons, Reason(cause=Block.NO_TRUNK, why=why)])
    asterisk = trunk.asterisk or first
    return Found(trunk, Way(asterisk=asterisk, trunk=trunk.name, max_calls=trunk.max_calls), reasons)


def follow(asterisk: str) -> str:
    """Name of the duty to follow an Asterisk: who has it, dials there."""
    return f"asterisk:{asterisk}"
