"""Manual dials in memory."""

from __future__ import annotations

from api_fakes.work import FakeAgents, Record
from bridge.agents.model import AgentSession, AgentState, Preview
from bridge.errors import AlreadyQueued, NoLeadLeft
from bridge.services import Dialled, DialRequest, PreviewAction


class FakeManual:
    """Manual dials; what becomes of them in all detail is the real ones' affair."""

    def __init__(self, record: Record, agents: FakeAgents) -> None:
        self.record = record
        self.agents = agents
        self.asked: list[tuple[str, DialRequest]] = []

    async def ask(self, user: str, request: DialRequest, *, seen: AgentSession) -> Dialled:
        self.asked.append((user, request))
        if await self.repeated(self.agents.open[user], request):
            return Dialled(call=self.agents.calls.calls[seen.call_id or ""])
        if request.next_lead and seen.campaign == "OTHERCMP":
            raise NoLeadLeft
        if seen.state is not AgentState.PAUSED and seen.campaign == "QUEUECMP":
            if any(command[:3] == ("queue", user, request.number) for command in self.record.commands):
                raise AlreadyQueued
            self.record.add("queue", user, request.number)
            return Dialled(queued=True)
        if request.preview:
            lead = str(request.lead_id or "")
            self.record.add("preview", user, request.number, request.phone_code, lead, request.caller_id)
            return Dialled(preview=Preview(number=request.number))
        return Dialled(call=await self.agents.dial(user, request))

    async def repeated(self, session: AgentSession, request: DialRequest) -> bool:
        call = self.agents.calls.calls.get(session.call_id or "")
        return call is not None and call.number == request.number

    async def act(self, user: str, action: PreviewAction, *, asked_by: str) -> Dialled:
        self.record.add("act", user, action, asked_by)
        return Dialled()
