"""Commands about what other systems were told."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.admin.command import Command, Limit, Parts, Reading
from bridge.audit.entry import Entry
from bridge.delivery.model import Delivery, DeliveryState
from bridge.delivery.service import Deliveries
from bridge.ids import is_uuid7


class ListDeliveries(Reading[list[Delivery]], frozen=True, kw_only=True):
    """The newest first."""

    states: Sequence[DeliveryState]
    call_id: str
    before: str
    limit: Limit

    async def do(self, parts: Parts) -> list[Delivery]:
        """See `Command`."""
        return await Deliveries(parts.db).page(
            states=self.states, call_id=self.call_id, before=self.before, limit=self.limit
        )


class RetryDelivery(Command[bool], frozen=True, kw_only=True):
    """Try one that has failed again, for another day; false if it is not a failed one."""

    id: str

    def tell(self, entry: Entry) -> None:
        """Which one."""
        entry.on("delivery", self.id if is_uuid7(self.id) else "?")

    async def do(self, parts: Parts) -> bool:
        """See `Command`."""
        return await Deliveries(parts.db).retry(self.id)
