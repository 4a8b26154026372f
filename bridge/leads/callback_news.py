"""Callbacks as their events tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bridge.events.catalogue import CallbackChanged, CallbackMade, CallbackRemoved, LeadCallback
from bridge.store.transaction import Transaction

if TYPE_CHECKING:
    from bridge.leads.callbacks import Callback

Why = Literal["taken_back", "moved", "disposition", "deleted"]
TOLD = ("user", "due_at", "campaign", "status", "comments")
"""Fields of which `callback.changed` says that they are different."""


def facts(callback: Callback) -> dict[str, Any]:
    """What each event of a callback has."""
    same = ("lead_id", "campaign", "user", "status", "due_at")
    return {"callback_id": callback.call_id, **{name: getattr(callback, name) for name in same}}


def made(tx: Transaction, callback: Callback) -> None:
    """It was promised."""
    _promised(tx, callback)
    tx.emit(CallbackMade(**facts(callback)))


def changed(tx: Transaction, before: Callback, after: Callback) -> None:
    """It is another one now; if it was one agent's, and is so no more, she is told that it is gone."""
    _promised(tx, after)
    if before.user and before.user != after.user:
        removed(tx, before, "moved")
    different = tuple(name for name in TOLD if getattr(before, name) != getattr(after, name))
    tx.emit(CallbackChanged(**facts(after), fields=different))


def removed(tx: Transaction, callback: Callback, why: Why) -> None:
    """It stands no more, or no more for its agent."""
    tx.emit(CallbackRemoved(**facts(callback), why=why))


def _promised(tx: Transaction, callback: Callback) -> None:
    if callback.lead_id is not None:
        due = callback.due_at.isoformat() if callback.due_at else ""
        event = LeadCallback(
            lead_id=callback.lead_id,
            call_id=callback.call_id,
            campaign=callback.campaign,
            user=callback.user,
            status=callback.status,
            due_at=due,
        )
        tx.emit(event)
