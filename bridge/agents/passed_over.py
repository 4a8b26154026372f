"""What an agent is told whose next lead was looked for in vain: when the first may be dialled."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.rules import Refusal


class PassedOver:
    """Leads that may be dialled at another time.

    Args:
        most: that are looked at.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._leads = 0
        self._first: Refusal | None = None
        """Of them, the one that may be dialled first."""

    def takes(self, refusal: Refusal | None) -> bool:
        """Whether the lead is one of them."""
        if refusal is None:
            return False
        self._leads += 1
        if self._first is None or _opens(refusal) < _opens(self._first):
            self._first = refusal
        return True

    def told(self) -> str:
        """Behind the sentence that none is left."""
        if self._first is None:
            return ""
        only = "the first " if self._leads == self._most else ""
        return f" now: {only}{self._leads} may be dialled later; of one, {self._first.why}"


def _opens(refusal: Refusal) -> datetime:
    return refusal.opens or datetime.max.replace(tzinfo=UTC)
