"""Calls by hand: the rules of the campaign and of the lead that both APIs tell in their own words."""

from __future__ import annotations

from typing import Final, Literal

from bridge.campaigns.model import Campaign, Preview
from bridge.services import LeadNumbers, PreviewAction

NEXT_LEAD: Final = "MANUALNEXT"
"""The word for the next lead of the campaign, in the dial queue too."""

LEAST_DIGITS: Final = 6
"""A group alias whose number has fewer is there and not used."""

OTHER_NUMBERS: Final = ("ALTDIAL", "ADR3DIAL", "FINISH")
"""What is for campaigns whose agents dial a lead's other numbers, too."""

NumberOf = Literal["MAIN", "ALT", "ADDR3"]
"""Which of a lead's numbers."""


def forbidden_by(campaign: Campaign, action: PreviewAction) -> tuple[str, str] | None:
    """Why agents of a campaign may not do this with what they look at, and what is set there."""
    if campaign.preview is Preview.DISABLED:
        return "preview dialing not allowed on this campaign", campaign.preview
    if campaign.preview is Preview.PREVIEW_ONLY and action == "SKIP":
        return "preview dial skipping not allowed on this campaign", campaign.preview
    if action in OTHER_NUMBERS and not campaign.alt_number_dialing:
        return "alt number dialing not allowed on this campaign", "N"
    return None


def number_of(lead: LeadNumbers, which: str) -> str:
    """Digits of one of the lead's numbers; what is no `NumberOf` is the main one."""
    stored = {"ALT": lead.alt_phone, "ADDR3": lead.address3}.get(which, lead.phone_number)
    return "".join(sign for sign in stored if "0" <= sign <= "9")
