"""What the APIs need of the reports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bridge.calls.model import Call
from bridge.recordings.model import Recording
from bridge.reports.agent_time import AgentTime, OfAgents
from bridge.reports.model import CallRow, Counting, OfDid, OfNumber, OfRecordings, Tally
from bridge.reports.pauses import PauseTime
from bridge.reports.sight import Sight
from bridge.reports.standing import Standing


class Reports(Protocol):
    """What was called, and what is: `bridge.reports.service.Reports`."""

    async def open_calls(self) -> Sequence[Call]:
        """Calls that are not disposed yet, oldest first."""

    async def standing(self, campaigns: Collection[str], now: datetime) -> Mapping[str, Standing]:
        """How campaigns stand, by id."""

    async def calls_since(self, users: Collection[str], since: datetime) -> Mapping[str, int]:
        """How many calls agents have had since then."""

    async def call_named(self, legacy_id: str, sight: Sight) -> CallRow | None:
        """One call, by its id in the line format."""

    async def last_with_number(self, wanted: OfNumber, sight: Sight) -> CallRow | None:
        """The newest of a number's calls."""

    def with_number(self, wanted: OfNumber, sight: Sight) -> AsyncIterator[Sequence[CallRow]]:
        """Pages of a number's calls, oldest first."""

    def of_did(self, wanted: OfDid, sight: Sight) -> AsyncIterator[Sequence[CallRow]]:
        """Pages of the calls to a number of the site, oldest first."""

    def recorded(self, wanted: OfRecordings, sight: Sight) -> AsyncIterator[Sequence[Recording]]:
        """Pages of recordings, oldest first."""

    async def tally(self, wanted: Counting, sight: Sight) -> Sequence[Tally]:
        """Calls of a time by status."""

    async def agents_calls(self, wanted: OfAgents, sight: Sight) -> int:
        """How many calls all agents had."""

    def agents_time(
        self, wanted: OfAgents, sight: Sight, after: str = ""
    ) -> AsyncIterator[Sequence[AgentTime]]:
        """Pages of what the agents behind a user did, by user; none is empty, none has a part of one."""

    def pauses(self, wanted: OfAgents, sight: Sight, after: str = "") -> AsyncIterator[Sequence[PauseTime]]:
        """The same of how they have paused, by pause code."""
