"""What can be wrong with a command to an agent's session."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a session refuses a command."""

    LOGGED_OUT = "logged_out"
    """The session is over."""
    NOT_SEATED = "not_seated"
    """Her phone is still being rung."""
    NOT_PAUSED = "not_paused"
    """Only a paused agent without a lead can do this."""
    BUSY = "busy"
    """She is not waiting for a call: nobody is given two."""


class AgentError(Exception):
    """Something is wrong with an agent's session."""


class Refused(AgentError):  # noqa: N818 - reads as what happened, `except Refused`
    """A session does not take this command in its present state; nothing has changed."""

    def __init__(self, reason: Reason, command: str, state: str) -> None:
        super().__init__(f"{command} refused: the agent is {state} ({reason})")
        self.reason = reason
        self.command = command
        self.state = state
