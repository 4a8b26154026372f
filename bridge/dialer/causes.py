"""Why a campaign or a lead is not dialled: the causes beside the gate's rules."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from bridge.dialer.pacing_model import Cause, Decision


class Block(StrEnum):
    """What keeps the dialler from a campaign or from a lead; the gate's own are `bridge.rules.Rule`."""

    CAMPAIGN_INACTIVE = "campaign_inactive"
    AUTOMATIC_OFF = "automatic_off"
    """`[site] automatic = false`: no campaign of the bridge dials by itself."""
    DIAL_METHOD = "dial_method"
    NO_TRUNK = "no_trunk"
    NO_BRIDGE = "no_bridge"
    """No bridge follows the Asterisk of the trunk."""
    ASTERISK_DOWN = "asterisk_down"
    NOT_IN_STEP = "not_in_step"
    """What the store says of Asterisk's channels has not been compared since a gap."""
    ASTERISK_REFUSES = "asterisk_refuses"
    """It has refused a call: it is left alone for a while."""
    DROP_LIMIT = "drop_limit"
    NO_AGENT = "no_agent"
    PACING = "pacing"
    """As many calls as there may be are under way."""
    TRUNK_FULL = "trunk_full"
    PER_SECOND = "per_second"
    NO_LEADS = "no_leads"
    """There is no lead that may be dialled now."""

    NO_CAMPAIGN = "no_campaign"
    LIST_INACTIVE = "list_inactive"
    LIST_EXPIRED = "list_expired"
    STATUS = "status"
    CALLED = "called"
    """It was called, or passed over, since its list was reset."""
    CALL_COUNT = "call_count_limit"
    CALLBACK = "callback"
    IN_CALL = "in_call"
    BEING_DIALLED = "being_dialled"
    WAITS = "waits"
    """Its place in the hopper is for later."""
    NO_SUCH_NUMBER = "no_such_number"


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One cause, in words."""

    cause: str
    """A `Block`, or a rule of the gate."""
    why: str
    until: datetime | None = None
    """When it may be over, as far as can be told."""
    source: str = ""
    """The law or the setting behind a rule of the gate."""
    zone: str = ""
    """Time zone by whose clocks `until` is, where it is the customer's that count."""


_OF_PACING: Final = {
    Cause.METHOD: Block.DIAL_METHOD,
    Cause.DROP_LIMIT: Block.DROP_LIMIT,
    Cause.NO_AGENT: Block.NO_AGENT,
    Cause.TRUNKS: Block.TRUNK_FULL,
    Cause.PER_SECOND: Block.PER_SECOND,
}


def of_decision(decision: Decision) -> Reason | None:
    """Why pacing wants no call; nothing if it wants one."""
    if decision.count > 0:
        return None
    return Reason(cause=_OF_PACING.get(decision.cause, Block.PACING), why=decision.reason)
