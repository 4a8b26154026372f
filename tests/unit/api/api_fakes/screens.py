"""Agents' screens in memory, as far as `/v1` asks of them; the tests of screens have the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from api_fakes.work import FakeAgents
from bridge.agents.model import AgentSession
from bridge.errors import NotLoggedIn
from bridge.screens.model import NewNotification, Notification, Screen, Timer
from bridge.services import ScreenSnapshot


class FakeScreens:
    def __init__(self, agents: FakeAgents) -> None:
        self.agents = agents
        self.screen = Screen()
        self.queued: list[Notification] = []

    async def snapshot(self, user: str) -> ScreenSnapshot:
        session = self.agents.open.get(user)
        return ScreenSnapshot(seq=1, session=session, call=None, lead=None, screen=self.screen)

    async def refresh(self, user: str, panels: Sequence[str]) -> AgentSession:
        session = self._session(user)
        self.screen = msgspec.structs.replace(self.screen, panels=tuple(panels))
        return session

    async def set_timer(self, user: str, timer: Timer) -> AgentSession:
        session = self._session(user)
        self.screen = msgspec.structs.replace(self.screen, timer=timer)
        return session

    async def notify(self, wanted: NewNotification) -> Notification:
        fields = msgspec.structs.asdict(wanted)
        self.queued.append(Notification(id=len(self.queued) + 1, made_at=datetime.now(UTC), **fields))
        return self.queued[-1]

    def _session(self, user: str) -> AgentSession:
        if user not in self.agents.open:
            raise NotLoggedIn(agent=user)
        return self.agents.open[user]
