"""What can be wrong with a command to a call."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a call refuses a command."""

    ALREADY_SENT = "already_sent"
    """It is past its intent: what was sent once is never sent again."""
    OVER = "over"
    """It has ended: there is nothing left to hang up or to give to an agent."""
    TAKEN = "taken"
    """Another agent has it."""
    DISPOSED = "disposed"
    """Its disposition is set, and is set once."""


class CallError(Exception):
    """Something is wrong with a call."""


class Refused(CallError):  # noqa: N818 - reads as what happened, `except Refused`
    """A call does not take this command in its present state; nothing has changed."""

    def __init__(self, reason: Reason, command: str, state: str) -> None:
        super().__init__(f"{command} refused: the call is {state} ({reason})")
        self.reason = reason
        self.command = command
        self.state = state
