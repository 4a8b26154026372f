"""What becomes of callbacks. That a customer was promised one is `lead.callback`, too."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from bridge.events.event import Event, Right


class CallbackEvent(Event, frozen=True, kw_only=True):
    """Of one callback."""

    right: ClassVar[Right] = Right.AGENTS

    callback_id: str
    """As `/v1/callbacks` has it."""
    lead_id: int | None = None
    campaign: str
    user: str = ""
    """The agent who has to do it; empty: any agent may."""
    status: str
    """Of the lead, once it is due."""
    due_at: datetime | None = None
    """Null: what was asked for is no moment."""

    @property
    def subject(self) -> str:
        """`callbacks/<id>`."""
        return f"callbacks/{self.callback_id}"


class CallbackMade(CallbackEvent, frozen=True, kw_only=True):
    """It was promised: in a call, or over the API."""

    type: ClassVar[str] = "callback.made"


class CallbackChanged(CallbackEvent, frozen=True, kw_only=True):
    """It is another one now. Given to another agent: the one before is told by `callback.removed`."""

    type: ClassVar[str] = "callback.changed"

    fields: tuple[str, ...]
    """What is different: `user`, `due_at`, `campaign`, `status`, `comments`."""


class CallbackDue(CallbackEvent, frozen=True, kw_only=True):
    """Its time has come. Told once; again only if it is given another time or another agent."""

    type: ClassVar[str] = "callback.due"


class CallbackDone(CallbackEvent, frozen=True, kw_only=True):
    """The lead was called, and the call has its disposition."""

    type: ClassVar[str] = "callback.done"

    call_id: str
    call_status: str
    """Disposition of that call; empty: it is still going on, and another callback was promised in it."""
    called_by: str = ""
    """The agent who has called; empty: none."""


class CallbackRemoved(CallbackEvent, frozen=True, kw_only=True):
    """It stands no more, or no more for this agent."""

    type: ClassVar[str] = "callback.removed"

    why: Literal["taken_back", "moved", "disposition", "deleted"]
    """`taken_back` over the API; `moved`: it is another agent's, or anybody's; `disposition`: the call in
    which it was promised has another one; `deleted`: with its lead, of which only those are told that one
    agent has to do."""
