"""What is on record of one number within a time. Plain data."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.calls.verdicts import Verdict
from bridge.consent.model import Consent
from bridge.dnc.model import Version
from bridge.leads.model import DncEntry


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A call to the number, dialled or refused."""

    call_id: str
    asked_at: datetime
    campaign: str
    kind: str
    lead_id: int | None
    user: str
    asked_by: str
    caller_id: str
    sent_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    status: str
    end_reason: str
    verdict: Verdict | None
    """What the gate has said; nothing: of a call from before it was written down."""


class Drops(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign has abandoned in the 30 days before the end of the time."""

    campaign: str
    answered: int
    abandoned: int
    percent: float


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    number: str
    """E.164."""
    begin: datetime
    end: datetime
    made_at: datetime
    consents: list[Consent]
    """All for the number, of whatever time."""
    attempts: list[Attempt]
    entries: list[DncEntry]
    """Do-not-call entries that forbid the number to anybody, as they are now."""
    versions: list[Version]
    """Imported do-not-call lists that were in force within the time."""
    drops: list[Drops]
    """Of the campaigns of the attempts."""
