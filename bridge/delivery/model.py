"""What a delivery is: plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from bridge.events.envelope import EventRecord


class DeliveryState(StrEnum):
    """How far it has come."""

    PENDING = "pending"
    """It is tried, or waits to be tried again."""
    DONE = "done"
    """The other side has taken it."""
    FAILED = "failed"
    """It is not tried any more; a retry makes it pending again."""


class NewDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is to be told."""

    kind: str
    once: str
    """Of one source there is one delivery with this mark, ever."""
    event_seq: int
    """Number of the event that it comes from."""
    subject: str
    """What is told of one subject is told in its order."""
    call_id: str = ""
    lead_id: int | None = None
    host: str
    """Whom it is told; so many at a time are under way to one."""
    url: str
    """The whole address, with personal data; never shown or logged."""
    shown: str
    """What may be shown of the address."""
    error: str = ""
    """Why it cannot be told at all: then it is failed from the beginning."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. Times are aware and in UTC."""

    id: str
    source: str
    kind: str
    event_seq: int
    subject: str
    call_id: str
    lead_id: int | None
    url: str
    """What may be shown of the address."""
    state: DeliveryState
    attempts: int
    made_at: datetime
    next_at: datetime | None
    """When it is tried next."""
    tried_at: datetime | None
    settled_at: datetime | None
    status: int | None
    """HTTP status of the last answer."""
    error: str
    """Why the last attempt came to nothing."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One that is to be tried now."""

    id: str
    source: str
    kind: str
    event_seq: int
    host: str
    url: str
    attempts: int
    give_up_at: datetime

    def __repr__(self) -> str:
        """Without the address."""
        return f"Due({self.id!r})"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """How a delivery is sent."""

    method: str = "GET"
    url: str = ""
    """Where to, if the address is another by now; empty: to the one that it was made for."""
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Unsendable(Exception):  # noqa: N818  the name says what happened
    """What is to be told is not there any more, nor will it be."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one attempt."""

    status: int | None = None
    error: str = ""
    """Empty: it is delivered."""
    hopeless: bool = False
    """Whether another attempt would come to the same."""
    wait: float = 0.0
    """Seconds that the other side asks us to wait."""


class Source(Protocol):
    """Who knows what is to be told."""

    @property
    def name(self) -> str:
        """Of the source; also of its place in the event log."""

    @property
    def types(self) -> tuple[str, ...]:
        """Types of the events that something may come from."""

    async def make(self, record: EventRecord) -> Sequence[NewDelivery]:
        """What is to be told because of an event (`StoreError`: it is asked again)."""

    async def request(self, due: Due) -> Request:
        """How one of its deliveries is sent now.

        Raises:
            Unsendable: it cannot be.
        """
