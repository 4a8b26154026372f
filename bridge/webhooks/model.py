"""A webhook: an address that is told of events."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Name, OptionalName, Title, check_name, check_printable
from bridge.events.catalogue import CATALOGUE
from bridge.outgoing.client import target_of
from bridge.outgoing.errors import TargetInvalid

MOST_TYPES = 50
_FAMILIES = frozenset(kind.partition(".")[0] for kind in CATALOGUE)

How = Literal["full", "last_four", "hash", "none"]
"""As `bridge.events.personal.Shown`."""


class Webhook(SiteItem, frozen=True, kw_only=True):
    """An address that gets events by `POST`, signed as Standard Webhooks has it."""

    kind: ClassVar[str] = "webhook"

    name: Name
    title: Title = ""
    url: Annotated[str, Meta(max_length=2000, examples=["https://crm.example/hooks/bridge"])]
    types: Annotated[tuple[str, ...], Meta(max_length=MOST_TYPES, examples=[["call.disposed", "lead"]])] = ()
    """Types of events, or the first part for all that begin so; empty: all."""
    campaign: OptionalName = ""
    """Only events of this one; empty: of all, and of none."""
    personal: How = "last_four"
    """How customers' numbers are shown; what people have written goes out with `full` alone."""
    active: bool = True
    generation: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    """Of its secret: another number is another secret."""

    def __post_init__(self) -> None:
        """Check the fields."""
        check_name("name", self.name)
        if self.campaign:
            check_name("campaign", self.campaign)
        check_printable("title", self.title)
        try:
            target_of(self.url)
        except TargetInvalid as error:
            raise InvalidField("url", str(error)) from None
        for kind in self.types:
            if kind not in CATALOGUE and kind not in _FAMILIES:
                raise InvalidField("types", f"{kind[:60]!r}: there are no such events (docs/events.md)")
        if not 1 <= self.generation <= 1_000_000:
            raise InvalidField("generation", "1 to 1,000,000")
