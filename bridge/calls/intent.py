"""A wish to call somebody, with what has been read for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bridge.campaigns.hours import Kept
from bridge.campaigns.model import Campaign, Trunk
from bridge.leads.model import Customer
from bridge.rules import GOOD_FOR, Number, Refusal
from bridge.services import DialRequest


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What the site's settings say about dialling."""

    country: str
    allowed_countries: frozenset[str]
    timezone: tzinfo
    asterisk: str
    """Name of the Asterisk that a trunk or phone without one belongs to."""
    dnc_days: int = GOOD_FOR
    """For which an imported do-not-call list is good, from its date on."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish that has been looked into, before anything is written."""

    request: DialRequest
    campaign: Campaign
    trunk: Trunk
    number: Number | Refusal
    customer: Customer
    hours: Kept
    digits: str
    asterisk: str
    code: str
    """Country code of the number, as it was given or as its lead has it."""
    caller_id: str
    """Shown to whom is called: the caller's wish, the in-group's number, or the campaign's."""

    @property
    def lead_id(self) -> int | None:
        """Of the lead that is called, if there is one."""
        return self.customer.id
