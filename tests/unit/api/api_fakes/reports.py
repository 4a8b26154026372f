"""Reports as the routes see them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime

from bridge.calls.model import Call
from bridge.recordings.model import Recording
from bridge.reports.agent_time import AgentTime, OfAgents
from bridge.reports.model import CallRow, Counting, OfDid, OfNumber, OfRecordings, Tally
from bridge.reports.pauses import PauseTime
from bridge.reports.sight import Sight
from bridge.reports.standing import Standing
from bridge.rules import Drops


class FakeReports:
    """Tells what a test has put into it, and notes what was asked."""

    def __init__(self) -> None:
        self.times: list[AgentTime] = []
        self.paused: list[PauseTime] = []
        self.tallies: list[tuple[datetime, Tally]] = []
        self.open: list[Call] = []
        self.today: dict[str, int] = {}
        self.stand = Standing(ready=0, held=0, drops=Drops())
        self.asked: list[tuple[object, Sight]] = []

    async def open_calls(self) -> Sequence[Call]:
        return self.open

    async def standing(self, campaigns: Collection[str], now: datetime) -> Mapping[str, Standing]:
        del now
        return dict.fromkeys(campaigns, self.stand)

    async def calls_since(self, users: Collection[str], since: datetime) -> Mapping[str, int]:
        del since
        return {user: had for user, had in self.today.items() if user in users}

    async def call_named(self, legacy_id: str, sight: Sight) -> CallRow | None:
        raise NotImplementedError

    async def last_with_number(self, wanted: OfNumber, sight: Sight) -> CallRow | None:
        raise NotImplementedError

    def with_number(self, wanted: OfNumber, sight: Sight) -> AsyncIterator[Sequence[CallRow]]:
        raise NotImplementedError

    def of_did(self, wanted: OfDid, sight: Sight) -> AsyncIterator[Sequence[CallRow]]:
        raise NotImplementedError

    def recorded(self, wanted: OfRecordings, sight: Sight) -> AsyncIterator[Sequence[Recording]]:
        raise NotImplementedError

    async def tally(self, wanted: Counting, sight: Sight) -> Sequence[Tally]:
        self.asked.append((wanted, sight))
        return [
            one for at, one in self.tallies if one.name in wanted.names and wanted.begin <= at < wanted.end
        ]

    async def agents_calls(self, wanted: OfAgents, sight: Sight) -> int:
        self.asked.append((wanted, sight))
        return sum(one.calls for one in self.times)

    async def agents_time(
        self, wanted: OfAgents, sight: Sight, after: str = ""
    ) -> AsyncIterator[Sequence[AgentTime]]:
        del wanted, sight
        for user in dict.fromkeys(one.user for one in self.times if one.user > after):
            yield [one for one in self.times if one.user == user]

    async def pauses(
        self, wanted: OfAgents, sight: Sight, after: str = ""
    ) -> AsyncIterator[Sequence[PauseTime]]:
        self.asked.append((wanted, sight))
        for user in dict.fromkeys(one.user for one in self.paused if one.user > after):
            yield [one for one in self.paused if one.user == user]
