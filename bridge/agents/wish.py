"""What is to be dialled by hand, for whom, and what she must be doing for it."""

from __future__ import annotations

import msgspec

from bridge.agents.model import AgentSession, AgentState
from bridge.agents.queued import Queued
from bridge.campaigns.model import ApiManualDial, Campaign
from bridge.services import DialRequest


class Wish(msgspec.Struct, frozen=True):
    """What is to be dialled for whom."""

    session: AgentSession
    """Hers, as it was read before."""
    campaign: Campaign
    request: DialRequest
    waited: Queued | None = None
    """Its place in the manual dial queue."""
    from_preview: bool = False

    @property
    def queues(self) -> bool:
        """Whether it waits while she is not free."""
        by_campaign = self.campaign.api_manual_dial is not ApiManualDial.STANDARD
        return not self.from_preview and (by_campaign or bool(self.request.queue))

    @property
    def is_kept(self) -> bool:
        """Whether it is written into the manual dial queue even if it never waits."""
        by_campaign = self.campaign.api_manual_dial is not ApiManualDial.STANDARD
        return by_campaign and not self.from_preview and self.waited is None

    def can_begin(self, session: AgentSession) -> bool:
        """Whether she is free for it as her session is now."""
        if session.state is AgentState.READY:
            return self.queues and not self.request.preview
        return session.state is AgentState.PAUSED
