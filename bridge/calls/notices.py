"""What a call tells the agent who has it: the calls' side of the border to `bridge.agents`."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.events.catalogue import Cause


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """News of one call for one agent's session."""

    at: datetime
    call_id: str
    cause: Cause = ""
    """`resync` where a snapshot told it."""


class Bridged(Notice, frozen=True, kw_only=True):
    """Agent and customer hear each other."""


class OfferFailed(Notice, frozen=True, kw_only=True):
    """The call that was being given to her does not come."""


class CallOver(Notice, frozen=True, kw_only=True):
    """The call has ended."""

    wrapup: bool
    """Its disposition is open: the agent is asked for it."""
    not_taken: bool = False
    """Her own phone, which was rung first, was not answered: nobody was called."""


class Disposed(Notice, frozen=True, kw_only=True):
    """The disposition of a call in wrap-up is set."""
