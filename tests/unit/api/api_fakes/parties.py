"""The parties of calls in memory: commands are recorded; who has no call is told so."""

from __future__ import annotations

from collections.abc import Sequence

from api_fakes.work import REFUSED, FakeAgents, Record
from bridge.calls.model import LIVE, Call, CallKind
from bridge.errors import DialRefused, NoCall, NotLoggedIn
from bridge.services import DialRequest, Party


class FakeConference:
    def __init__(self, record: Record, agents: FakeAgents) -> None:
        self.record = record
        self.agents = agents
        self.thirds: dict[str, list[Call]] = {}

    async def call_of(self, user: str) -> Call:
        session = self.agents.open.get(user)
        if session is None:
            raise NotLoggedIn(agent=user)
        call = self.agents.calls.calls.get(session.call_id or "")
        if call is None or call.state not in LIVE:
            raise NoCall(agent=user)
        return call

    async def third_parties(self, user: str) -> Sequence[Call]:
        return self.thirds.get((await self.call_of(user)).id, [])

    async def park(self, user: str, who: Party, *, ivr: bool = False) -> None:
        await self._note(user, "park", who, str(ivr))

    async def grab(self, user: str, who: Party) -> None:
        await self._note(user, "grab", who)

    async def swap(self, user: str, park: Party) -> None:
        await self._note(user, "swap", park)

    async def press(self, user: str, keys: str) -> None:
        await self._note(user, "press", keys)

    async def dial_third(self, user: str, requests: Sequence[DialRequest], *, park: bool = False) -> None:
        hers = await self.call_of(user)
        for request in requests:
            call = self._place("third", user, request, CallKind.THREE_WAY)
            self.thirds.setdefault(hers.id, []).append(call)
        if park:
            await self.park(user, Party.CUSTOMER)

    async def consult(self, user: str, queue: str, *, for_user: str = "", park: bool = False) -> None:
        await self._note(user, "consult", queue, for_user, str(park))

    async def hangup(self, user: str, who: Party) -> None:
        await self._note(user, "hangup party", who)

    async def hangup_both(self, user: str) -> None:
        await self._note(user, "hangup both")

    async def leave(self, user: str) -> Call | None:
        return await self._note(user, "leave") if await self.third_parties(user) else None

    async def leave_message(self, user: str) -> Call:
        return await self._note(user, "leave message")

    async def to_queue(self, user: str, queue: str, *, for_user: str = "") -> Call:
        return await self._note(user, "to queue", queue, for_user)

    async def to_number(self, user: str, request: DialRequest) -> Call:
        await self.call_of(user)
        return self._place("to number", user, request, CallKind.BLIND)

    async def finish(self, user: str, call_id: str, status: str) -> None:
        await self._note(user, "finish", call_id, status)

    async def _note(self, user: str, *command: str) -> Call:
        call = await self.call_of(user)
        self.record.add(command[0], user, *command[1:])
        return call

    def _place(self, command: str, user: str, request: DialRequest, kind: CallKind) -> Call:
        if request.number == REFUSED:
            raise DialRefused("in the do-not-call list", rule="dnc")
        return self.agents.calls.place(command, request, kind, self.agents.open[user].campaign, user)
