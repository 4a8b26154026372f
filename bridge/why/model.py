"""Why a lead or a campaign is not dialled: what is answered."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.dialer.causes import Reason


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """One cause that keeps a lead or a campaign from being dialled."""

    cause: str
    why: str
    until: datetime | None = None
    """When that may change, as far as can be told."""
    source: str = ""
    """The law or the setting behind it, of a rule of the gate."""

    @classmethod
    def of(cls, reason: Reason) -> Because:
        """The view of a reason."""
        return cls(cause=reason.cause, why=reason.why, until=reason.until, source=reason.source)


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """Leads of a campaign that the same cause keeps from being dialled."""

    cause: str
    leads: int
    at_least: bool
    """They are more: no more were counted."""
    why: str
    until: datetime | None = None
    """When the first of them may be dialled, as far as can be told."""


class LeadWhy(msgspec.Struct, frozen=True, kw_only=True):
    """Why a lead is not dialled."""

    lead_id: int
    list_id: int
    campaign: str
    at: datetime
    why: str
    """The first cause in words; where there is none, that."""
    reasons: tuple[Because, ...]
    """What is the lead's own, then what is its campaign's; the first one blocks."""


class CampaignWhy(msgspec.Struct, frozen=True, kw_only=True):
    """Why a campaign does not dial."""

    campaign: str
    at: datetime
    why: str
    reasons: tuple[Because, ...]
    """In the order in which the dialler meets them; the first one blocks."""
    counts: tuple[Count, ...]
    """The most leads first."""
    dialable: int
    """Of the leads that were asked of the gate, those that may be called now."""
    asked: int
    """Leads that were asked of the gate: those that would be dialled next."""
    all_asked: bool
    """Whether there are no more than those."""
