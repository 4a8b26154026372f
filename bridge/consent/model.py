"""What a consent is. Plain data."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from bridge.leads.errors import InvalidLead

WAITS: Final = "NOCONS"
"""Status of a lead that was not called because its campaign demands a consent."""
PURPOSE: Final = re.compile(r"[a-z0-9_-]{1,40}")
"""What a customer may be called for."""
_TEXT: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$(?!\n)"
AHEAD: Final = timedelta(minutes=5)
"""By which the clock of who tells us may be ahead of ours."""

Purpose = Annotated[str, Meta(pattern=rf"^{PURPOSE.pattern}$(?!\n)", examples=["sales"])]


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A consent as it is told to us."""

    purpose: Purpose
    """What she may be called for."""
    given_at: datetime
    """When she gave it; with its offset from UTC."""
    source: Annotated[str, Meta(min_length=1, max_length=200, pattern=_TEXT, examples=["web form /quote"])]
    """Where she gave it."""
    shown: Annotated[str, Meta(max_length=4000, pattern=_TEXT)] = ""
    """The text that she was shown, or the address of the page with its version."""
    given_by: Annotated[str, Meta(max_length=200, pattern=_TEXT, examples=["Ann Miller"])] = ""
    """Who gave it, as far as is known."""
    number: Annotated[str, Meta(pattern=r"^(\+?[0-9]{2,20})?$(?!\n)", examples=["+17275550100"])] = ""
    """For which number; empty: the lead's own."""

    def check(self, now: datetime) -> None:
        """Check what its types do not say.

        Raises:
            InvalidLead: a field is wrong.
        """
        if not PURPOSE.fullmatch(self.purpose):
            raise InvalidLead("purpose", "1 to 40 small letters, digits, '-' or '_'")
        if self.given_at.tzinfo is None:
            raise InvalidLead("given_at", "it needs its offset from UTC, as in 2026-11-24T14:05:00Z")
        if self.given_at > now + AHEAD:
            raise InvalidLead("given_at", "it is still to come")
        for field, longest in (("source", 200), ("shown", 4000), ("given_by", 200)):
            text = getattr(self, field)
            if len(text) > longest or "\0" in text:
                raise InvalidLead(field, f"at most {longest} characters, none of them NUL")
        if not self.source.strip():
            raise InvalidLead("source", "say where it was given")


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A consent on record. Nothing of it is ever changed but that it was revoked."""

    id: int
    lead_id: int
    e164: str
    """The number for which it is: whoever calls it, as whichever lead, may go by it."""
    purpose: str
    given_at: datetime
    source: str
    shown: str = ""
    given_by: str = ""
    recorded_at: datetime
    recorded_by: str
    """Who has told us of it."""
    revoked_at: datetime | None = None
    revoked_how: str = ""
    """In which way she took it back."""
    revoked_by: str = ""
    """Who has told us of that."""
