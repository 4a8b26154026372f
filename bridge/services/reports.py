"""What the APIs need of the reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bridge.calls.model import Call


class Reports(Protocol):
    """What was called, and what is: `bridge.reports.service.Reports`."""

    async def open_calls(self) -> Sequence[Call]:
        """Calls that are not disposed yet, oldest first."""

    async def calls_since(self, users: Collection[str], since: datetime) -> Mapping[str, int]:
        """How many calls agents have had since then."""
