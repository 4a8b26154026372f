"""Agents' screens in memory, as far as `/v1` asks of them; the tests of screens have the real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from api_fakes.leads import FakeLeads
from api_fakes.work import FakeAgents
from bridge.agents.model import AgentSession
from bridge.calls.model import LIVE, Call, CallKind
from bridge.errors import InvalidState, NoCall, NoLead, NotLoggedIn
from bridge.leads.fields import parsed
from bridge.screens.model import NewNotification, Notification, Screen, Timer
from bridge.services import FieldsUpdated, ScreenSnapshot


class FakeScreens:
    def __init__(self, agents: FakeAgents, leads: FakeLeads) -> None:
        self.agents = agents
        self.leads = leads
        self.webphones = {"1000": "https://phone.example/?user=1000"}
        self.screen = Screen()
        self.queued: list[Notification] = []

    async def snapshot(self, user: str) -> ScreenSnapshot:
        session = self.agents.open.get(user)
        lead = self.leads.kept.get(session.lead_id or 0) if session else None
        return ScreenSnapshot(seq=1, session=session, call=None, lead=lead, screen=self.screen)

    async def update_fields(
        self, user: str, fields: Mapping[str, str], panels: Sequence[str]
    ) -> FieldsUpdated:
        session = self._session(user)
        if session.lead_id is None:
            raise NoLead(agent=user)
        before = self.leads.kept[session.lead_id]
        after = msgspec.structs.replace(before, **parsed(fields))
        self.leads.kept[session.lead_id] = after
        self.screen = msgspec.structs.replace(self.screen, fields=tuple(fields), panels=tuple(panels))
        return FieldsUpdated(lead_id=before.id, changed=before != after)

    async def call(self, user: str) -> Call:
        call = self.agents.calls.calls.get(self._session(user).call_id or "")
        if call is None or call.state not in LIVE:
            raise NoCall(agent=user)
        return call

    async def switch_lead(self, user: str, lead_id: int) -> int | None:
        if (await self.call(user)).kind is not CallKind.INBOUND:
            raise InvalidState("her call is not inbound", agent=user)
        before = self.agents.open[user]
        self.agents.open[user] = msgspec.structs.replace(before, lead_id=lead_id)
        return before.lead_id

    async def keep_messages(self, user: str, sounds: Sequence[str]) -> Call:
        self.agents.record.add("keep messages", user, *sounds)
        return await self.call(user)

    async def webphone_url(self, user: str) -> str:
        return self.webphones.get(self._session(user).user, "")

    async def launch_webphone(self, user: str) -> str:
        self.agents.record.add("launch webphone", user)
        return await self.webphone_url(user)

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
