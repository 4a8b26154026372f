"""What a campaign says with recorded messages, and when it may."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

STATED: Final = ("message_purpose", "message_seller", "message_callback_number", "message_consent")
"""What a campaign states before any recorded message of its own is played: who calls for whom and why, where
the customer can call back, and on which consent it rests."""


class AmdAction(StrEnum):
    """What becomes of a call that a machine has answered."""

    HANGUP = "HANGUP"
    MESSAGE = "MESSAGE"
    """The machine message is left after the tone."""
