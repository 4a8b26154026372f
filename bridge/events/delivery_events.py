"""What becomes of deliveries to other systems, where somebody should know."""

from __future__ import annotations

from typing import ClassVar

from bridge.events.event import Event, Right


class DeliveryEvent(Event, frozen=True, kw_only=True):
    """Of one delivery. What was to be told is not in it."""

    right: ClassVar[Right] = Right.SYSTEM

    delivery_id: str

    @property
    def subject(self) -> str:
        """`deliveries/<id>`."""
        return f"deliveries/{self.delivery_id}"


class DeliveryFailed(DeliveryEvent, frozen=True, kw_only=True):
    """It is not tried any more."""

    type: ClassVar[str] = "delivery.failed"

    host: str
    why: str


class DeliveryRetried(DeliveryEvent, frozen=True, kw_only=True):
    """Somebody has asked to try it again."""

    type: ClassVar[str] = "delivery.retried"
