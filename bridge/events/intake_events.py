"""What comes in by the keys of web forms; what became leads is told as `lead.added`."""

from __future__ import annotations

from typing import ClassVar

from bridge.events.event import Event, Right
from bridge.events.personal import FreeText


class IntakeEvent(Event, frozen=True, kw_only=True):
    """Of one key. What was posted is not in it: who may see that reads the post."""

    right: ClassVar[Right] = Right.LEADS

    key: str

    @property
    def subject(self) -> str:
        """`intake/<name>`."""
        return f"intake/{self.key}"


class IntakeRefused(IntakeEvent, frozen=True, kw_only=True):
    """A post was kept and made into no lead. Its sender was told nothing of it."""

    type: ClassVar[str] = "intake.refused"

    post_id: int
    list_id: int
    reason: str


class IntakeLimited(IntakeEvent, frozen=True, kw_only=True):
    """More comes in than the key allows; told once an hour."""

    type: ClassVar[str] = "intake.limited"

    limit: str
    """Name of the key's field."""
    address: FreeText
    """Of the first sender who was turned away."""
