"""Campaigns that dial by themselves, and where their calls go out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from bridge.campaigns.model import Campaign, Trunk
from bridge.campaigns.service import Site
from bridge.dialer.attempt import Attempts
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
    def sides(self) -> Collection[Side]:
        """All of them."""
        return self._sides.values()

    async def of(self, name: str) -> Line | None:
        """The line of a campaign; `None` if it dials nothing by itself, or cannot."""
        campaign = await self._site.campaign(name)
        if campaign is None or not campaign.active or campaign.dial_method not in AUTOMATIC:
            return None
        trunk = await self._site.trunk(campaign.trunk) if campaign.trunk else None
        if trunk is None or not trunk.active:
            return None
        asterisk = trunk.asterisk or self._first
        way = Way(asterisk=asterisk, trunk=trunk.name, max_calls=trunk.max_calls)
        side = self._sides.get(asterisk)
        return None if side is None else Line(campaign, trunk, way, side)
