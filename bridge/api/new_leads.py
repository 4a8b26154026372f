"""Adding a lead to the manual list of an agent's campaign, as both APIs do it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec

from bridge.agents.model import AgentSession
from bridge.campaigns.model import Campaign
from bridge.consent.model import Given
from bridge.leads.model import DncKind, NewLead
from bridge.services import Services


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that was added."""

    lead_id: int
    list_id: int


async def dnc_hit(
    services: Services, number: str, campaign: str, *, system: bool, own: bool
) -> Literal["", "system", "campaign"]:
    """Which of the do-not-call lists that are asked has the number; empty: none.

    Only numbers, as the original does; what forbids a whole area code forbids the call, not the lead.
    """
    hits = await services.leads.dnc_hits(number, campaign)
    numbers = {hit.campaign for hit in hits if hit.kind is DncKind.NUMBER}
    if system and "" in numbers:
        return "system"
    return "campaign" if own and campaign in numbers else ""


def list_of(campaign: Campaign) -> int:
    """The list that its leads are added to.

    A campaign without a manual list adds to list 0, as the original does: such a lead is found by its number
    and is in no list that is dialled.
    """
    return campaign.manual_list or 0


async def add_lead(
    services: Services,
    session: AgentSession,
    lead: NewLead,
    *,
    source: str = "",
) -> Added:
    """Store it; it counts as called just now, so that no dialler calls what an agent has before her."""
    now = datetime.now(UTC)
    lead_id = await services.leads.add(lead, campaign=session.campaign, source=source, called_at=now)
    return Added(lead_id=lead_id, list_id=lead.list_id)


async def add_lead_with_consent(
    services: Services, session: AgentSession, lead: NewLead, given: Given, by: str
) -> Added:
    """The same with what its customer has agreed to: both or neither.

    Raises:
        InvalidLead: a field of the consent is wrong.
    """
    now = datetime.now(UTC)
    lead_id = await services.consents.add_lead(lead, given, by, campaign=session.campaign, called_at=now)
    return Added(lead_id=lead_id, list_id=lead.list_id)
