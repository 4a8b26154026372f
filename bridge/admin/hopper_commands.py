"""Commands about the hopper: leads that are dialled next."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from bridge.admin.command import Command, Limit, Parts, Reading
from bridge.audit.entry import Entry
from bridge.campaigns.errors import InvalidField, NoSuchItem
from bridge.campaigns.model import Campaign
from bridge.dialer.by_hand import HopperPut, put
from bridge.dialer.hopper import Hopper
from bridge.dialer.model import HopperRow, HopperStatus
from bridge.errors import BridgeError

Priority = Annotated[int, Meta(ge=-99, le=99)]


class AddToHopper(Command[HopperPut], frozen=True, kw_only=True):
    """Put a lead into the hopper of the campaign that has its list."""

    lead_id: int
    priority: Priority

    def tell(self, entry: Entry) -> None:
        """Which lead."""
        entry.on_lead(str(self.lead_id))

    async def do(self, parts: Parts) -> HopperPut:
        """See `Command`."""
        hopper = Hopper(parts.db)
        try:
            return await parts.db.write(lambda tx: put(tx, hopper, self.lead_id, self.priority))
        except BridgeError as error:
            raise InvalidField("lead_id", error.message) from None


class FlushHopper(Command[int], frozen=True, kw_only=True):
    """Empty a campaign's hopper; how many leads went."""

    campaign: str

    def tell(self, entry: Entry) -> None:
        """Which campaign."""
        entry.on("campaign", self.campaign)

    async def do(self, parts: Parts) -> int:
        """See `Command`."""
        await _known(parts, self.campaign)
        return await Hopper(parts.db).flush(self.campaign)


class ListHopper(Reading[list[HopperRow]], frozen=True, kw_only=True):
    """Leads of a campaign's hopper, in the order in which they are dialled."""

    campaign: str
    status: HopperStatus
    limit: Limit

    async def do(self, parts: Parts) -> list[HopperRow]:
        """See `Command`."""
        await _known(parts, self.campaign)
        return await Hopper(parts.db).page(self.campaign, status=self.status, limit=self.limit)


async def _known(parts: Parts, campaign: str) -> None:
    if await parts.site.campaign(campaign) is None:
        raise NoSuchItem(Campaign.kind, campaign)
