"""Holds: nobody is called, whoever asks and whatever else is allowed, until somebody takes the hold back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from bridge.rules.model import Purpose, Refusal, Rule


class Held(StrEnum):
    """Why nobody is called."""

    RESTORED = "restored"
    """The store is an older copy: who asked not to be called since is not known to it."""
    DRAINING = "draining"
    """The bridge is to be stopped: what goes on goes on, nothing new begins."""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """One hold."""

    reason: Held
    since: datetime


_ENDED_BY: Final = {
    Held.RESTORED: (
        "the store was restored from a copy, and nobody has confirmed its do-not-call lists and open calls"
        " (agent-bridge confirm-restore)"
    ),
    Held.DRAINING: "the bridge is being drained (agent-bridge drain --off ends that)",
}


def stopped(purpose: Purpose, holds: tuple[Hold, ...]) -> Refusal | None:
    """The refusal of a hold; while the bridge is drained, agents' own telephones are rung: they go on."""
    for hold in holds:
        if hold.reason is not Held.DRAINING or purpose is not Purpose.CALL_AGENT:
            why = f"nobody is called since {hold.since:%Y-%m-%d %H:%MZ}: {_ENDED_BY[hold.reason]}"
            return Refusal(rule=Rule.HELD, why=why, source="docs/operations.md")
    return None
