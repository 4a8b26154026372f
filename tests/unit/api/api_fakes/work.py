"""Agents and calls in memory. What they do is recorded; what they refuse is what the real ones refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from bridge.agents.in_groups import changed
from bridge.agents.model import AgentSession, AgentState, MonitorWay
from bridge.calls.model import LIVE, Call, CallKind, CallState, StatusSource
from bridge.calls.verdicts import Verdict
from bridge.campaigns.browser_server import BrowserPhone
from bridge.delivery.model import Delivery
from bridge.errors import (
    AlreadyLoggedIn,
    AsteriskUnavailable,
    DialRefused,
    InvalidInput,
    InvalidState,
    NoBrowserPhone,
    NoCall,
    NoRoom,
    NoSound,
    NoSuchCall,
    NoSuchCampaign,
    NoSuchPhone,
    NoSuchQueue,
    NotLoggedIn,
    NotPaused,
    SoundPlays,
)
from bridge.ids import legacy_call_id, legacy_uniqueid, uuid7
from bridge.services import Callback, CallQuery, DialRequest, PlaybackControl, QueueChange

REFUSED = "7275550999"
"""A number that the gate of this world refuses."""


@dataclass
class Record:
    """Every command, in order: the name and what it was given."""

    commands: list[tuple[str, ...]] = field(default_factory=list)
    asterisk_up: bool = True

    def add(self, *command: str) -> None:
        if not self.asterisk_up:
            raise AsteriskUnavailable
        self.commands.append(command)


class FakeCalls:
    def __init__(self, record: Record) -> None:
        self.record = record
        self.calls: dict[str, Call] = {}
        self.events: list[Any] = []
        self.told: list[Delivery] = []
        self.verdicts: dict[str, Verdict] = {}
        self.listed: list[CallQuery] = []
        self.waits: list[tuple[str, float]] = []
        self.becomes: Callable[[Call], Call] = lambda call: call
        """What has become of a call that was waited for."""

    async def dial(self, request: DialRequest) -> Call:
        kind = CallKind.CLICK if request.extension else CallKind.AUTO
        return self.place("dial", request, kind, request.campaign, "")

    async def wait(self, call_id: str, seconds: float) -> Call:
        self.waits.append((call_id, seconds))
        self.calls[call_id] = self.becomes(self._found(call_id))
        return self.calls[call_id]

    def place(self, command: str, request: DialRequest, kind: CallKind, campaign: str, user: str) -> Call:
        if campaign not in ("TESTCAMP", "OTHERCMP", "QUEUECMP"):
            raise NoSuchCampaign(campaign=campaign)
        if request.number == REFUSED:
            raise DialRefused("in the do-not-call list", rule="dnc")
        lead = str(request.lead_id or "")
        self.record.add(command, user, request.number, request.phone_code, lead, request.caller_id)
        now = datetime.now(UTC)
        call = Call(
            id=request.call_id or uuid7(),
            legacy_id=legacy_call_id(kind, now, request.lead_id),
            legacy_uniqueid=legacy_uniqueid(now),
            kind=kind,
            state=CallState.DIALING,
            asterisk="pbx",
            campaign=campaign,
            number=request.number,
            caller_id=request.caller_id,
            lead_id=request.lead_id,
            user=user,
            extension=request.extension,
            asked_by=request.asked_by,
            asked_at=now,
        )
        self.calls[call.id] = call
        return call

    async def hangup(self, call_id: str, *, asked_by: str) -> Call:
        call = self._found(call_id)
        if call.state not in LIVE:
            raise InvalidState("the call is over", state=call.state)
        self.record.add("hangup call", call.id, asked_by)
        return self._change(call, state=CallState.ENDED, ended_at=datetime.now(UTC))

    async def correct(self, call_id: str, status: str) -> str | None:
        call = self._found(call_id)
        if call.state is not CallState.DISPOSED:
            return None
        self._change(call, status=status)
        return call.status

    async def dispose(self, call_id: str, status: str, *, asked_by: str) -> Call:
        call = self._found(call_id)
        if call.state is CallState.DISPOSED:
            raise InvalidState("the call is disposed", status=call.status)
        self.record.add("dispose", call.id, status, asked_by)
        return self._change(
            call,
            state=CallState.DISPOSED,
            status=status,
            status_source=StatusSource.AGENT,
            disposed_at=datetime.now(UTC),
        )

    async def get(self, call_id: str) -> Call | None:
        ids = ((call.id, call.legacy_id, call.legacy_uniqueid) for call in self.calls.values())
        return next((self.calls[found[0]] for found in ids if call_id in found), None)

    async def list(self, query: CallQuery) -> Sequence[Call]:
        self.listed.append(query)
        found = sorted(self.calls.values(), key=lambda call: call.id, reverse=True)
        found = [call for call in found if not query.before or call.id < query.before]
        found = [call for call in found if query.live is None or (call.state in LIVE) is query.live]
        found = [call for call in found if query.user in ("", call.user)]
        found = [call for call in found if query.since is None or call.asked_at >= query.since]
        found = [call for call in found if query.until is None or call.asked_at < query.until]
        if query.sight.campaigns is not None:
            found = [call for call in found if call.campaign in query.sight.campaigns]
        for name in ("number", "did", "queue", "lead_id", "status"):
            if value := getattr(query, name):
                found = [call for call in found if getattr(call, name) == value]
        return [call for call in found if query.campaign in ("", call.campaign)][: query.limit]

    async def deliveries(self, call_id: str) -> Sequence[Delivery]:
        return [each for each in self.told if each.call_id == call_id]

    async def verdict(self, call_id: str) -> Verdict | None:
        return self.verdicts.get(call_id)

    async def timeline(self, call_id: str) -> Sequence[Any]:
        return [event for event in self.events if event.subject == f"calls/{call_id}"]

    def _found(self, call_id: str) -> Call:
        if call_id not in self.calls:
            raise NoSuchCall(call=call_id)
        return self.calls[call_id]

    def _change(self, call: Call, **changes: Any) -> Call:
        self.calls[call.id] = msgspec.structs.replace(call, **changes)
        return self.calls[call.id]


class FakeAgents:
    def __init__(self, record: Record, calls: FakeCalls) -> None:
        self.record = record
        self.calls = calls
        self.open: dict[str, AgentSession] = {}

    def seat(self, user: str, state: AgentState, campaign: str = "TESTCAMP", **more: Any) -> AgentSession:
        now = datetime.now(UTC)
        room = f"86000{51 + len(self.open)}"
        self.open[user] = AgentSession(
            id=uuid7(),
            user=user,
            phone=user,
            campaign=campaign,
            asterisk="pbx",
            room=room,
            state=state,
            state_since=now,
            logged_in_at=now,
            **more,
        )
        return self.open[user]

    async def login(
        self, user: str, phone: str, campaign: str, *, on_hook: bool = False, asked_by: str
    ) -> AgentSession:
        if user in self.open:
            raise AlreadyLoggedIn(user=user)
        if not phone.isdecimal():
            raise NoSuchPhone(phone=phone)
        if campaign != "TESTCAMP":
            raise NoSuchCampaign(campaign=campaign)
        self.record.add("login", user, phone, campaign, asked_by)
        if on_hook:
            return self.seat(user, AgentState.PAUSED, campaign, on_hook=True)
        return self.seat(user, AgentState.CONNECTING, campaign)

    async def logout(self, user: str, *, asked_by: str) -> AgentSession:
        session = self._session(user)
        self.record.add("logout", user, asked_by)
        del self.open[user]
        now = datetime.now(UTC)
        return msgspec.structs.replace(session, state=AgentState.LOGGED_OUT, logged_out_at=now)

    async def pause(self, user: str, reason: str, *, asked_by: str) -> AgentSession:
        session = self._session(user)
        self.record.add("pause", user, reason, asked_by)
        self.open[user] = msgspec.structs.replace(
            session, state=AgentState.PAUSED, pause_reason=reason or session.pause_reason
        )
        return self.open[user]

    async def resume(self, user: str, *, asked_by: str) -> AgentSession:
        session = self._session(user)
        if session.state not in (AgentState.PAUSED, AgentState.WRAPUP):
            raise NotPaused(user=user, state=session.state)
        self.record.add("resume", user, asked_by)
        self.open[user] = msgspec.structs.replace(session, state=AgentState.READY)
        return self.open[user]

    async def stay(self, user: str, *, asked_by: str) -> AgentSession:
        session = self._session(user)
        self.record.add("stay", user, asked_by)
        self.open[user] = msgspec.structs.replace(session, after_call=AgentState.READY)
        return self.open[user]

    async def set_pause_code(self, user: str, code: str, *, asked_by: str) -> AgentSession:
        session = self._session(user)
        if session.state not in (AgentState.PAUSED, AgentState.WRAPUP):
            raise NotPaused(user=user, state=session.state)
        self.record.add("pause code", user, code, asked_by)
        self.open[user] = msgspec.structs.replace(session, pause_reason=code)
        return self.open[user]

    async def session(self, user: str) -> AgentSession | None:
        return self.open.get(user)

    async def on_phone(self, phone: str) -> AgentSession | None:
        return next((session for session in self.open.values() if session.phone == phone), None)

    async def sessions(self) -> Sequence[AgentSession]:
        return [self.open[user] for user in sorted(self.open)]

    async def dial(
        self,
        user: str,
        request: DialRequest,
        *,
        seen: AgentSession | None = None,  # noqa: ARG002
    ) -> Call:
        session = self._session(user)
        if session.state is not AgentState.PAUSED:
            raise NotPaused(user=user, state=session.state)
        call = self.calls.place("dial", request, CallKind.MANUAL, session.campaign, user)
        self.open[user] = msgspec.structs.replace(
            session, state=AgentState.DIALING, call_id=call.id, lead_id=request.lead_id
        )
        return call

    async def hangup(self, user: str, *, asked_by: str) -> Call:
        session = self._session(user)
        self.record.add("hangup", user, asked_by)
        if session.call_id is None or session.call_id not in self.calls.calls:
            raise NoCall(user=user)
        return await self.calls.hangup(session.call_id, asked_by=asked_by)

    async def set_status(self, user: str, status: str, *, callback: Callback | None, asked_by: str) -> Call:
        session = self._session(user)
        when = f"{callback.at}!{callback.anyone}!{callback.comments}" if callback else ""
        self.record.add("status", user, status, when)
        if session.call_id is None or session.call_id not in self.calls.calls:
            raise NoCall(user=user)
        return await self.calls.dispose(session.call_id, status, asked_by=asked_by)

    def _session(self, user: str) -> AgentSession:
        if user not in self.open:
            raise NotLoggedIn(user=user)
        return self.open[user]


class FakeInGroups:
    """The in-groups of agents; how they are counted and changed is the real ones' affair."""

    def __init__(self, record: Record, agents: FakeAgents) -> None:
        self.record = record
        self.agents = agents
        self.callers = 0

    async def change(self, user: str, change: QueueChange, *, asked_by: str) -> AgentSession:
        session = self.agents.open[user]
        if "NOQUEUE" in change.queues:
            raise NoSuchQueue("Asterisk pbx has no queue NOQUEUE")
        self.record.add("queues", user, change.how, " ".join(change.queues), str(change.blended), asked_by)
        queues = changed(session.queues, change)
        after = msgspec.structs.replace(session, queues=queues, blended=bool(change.blended))
        self.agents.open[user] = after
        return after

    async def queued(self) -> Sequence[Call]:
        return [call for call in self.agents.calls.calls.values() if call.state is CallState.QUEUED]

    async def waiting(self, session: AgentSession) -> int:
        assert session.user in self.agents.open
        return self.callers


class FakePlayback:
    """Sounds in rooms: `plays` has the agents who hear one."""

    def __init__(self, record: Record, agents: FakeAgents) -> None:
        self.record = record
        self.agents = agents
        self.plays: set[str] = set()

    async def play(self, user: str, sound: str, *, instead: bool = False) -> bool:
        plays = self._plays(user)
        if "|" in sound:
            raise InvalidInput(field="sound")
        if plays and not instead:
            raise SoundPlays(agent=user)
        self.record.add("play", user, sound)
        self.plays.add(user)
        return plays

    async def control(self, user: str, control: PlaybackControl) -> None:
        if not self._plays(user):
            raise NoSound(agent=user)
        self.record.add(control, user)

    def _plays(self, user: str) -> bool:
        if self.agents.open[user].on_hook:
            raise NoRoom(agent=user)
        return user in self.plays


class FakeMonitoring:
    """Managers' phones; whether there is one of a name is not asked, but for `nope`."""

    def __init__(self, record: Record, agents: FakeAgents) -> None:
        self.record = record
        self.agents = agents

    async def ring(self, user: str, login: str, way: MonitorWay, *, asked_by: str) -> str:
        if self.agents.open[user].on_hook:
            raise NoRoom(agent=user)
        if login == "nope":
            raise NoSuchPhone(phone=login)
        self.record.add("monitor", user, login, way.value, asked_by)
        return "01890000-0000-7000-8000-000000000000"


class FakeBrowserPhones:
    """Phones that are browsers: those that a test puts here."""

    def __init__(self) -> None:
        self.known: dict[str, BrowserPhone] = {}

    async def of(self, login: str) -> BrowserPhone:
        if login not in self.known:
            raise NoBrowserPhone(phone=login)
        return self.known[login]


class FakePhones:
    """Agents' phones; that of an agent named in `gone` is not known any more."""

    def __init__(self, record: Record, agents: FakeAgents) -> None:
        self.record = record
        self.agents = agents
        self.gone: set[str] = set()

    async def call_again(self, user: str, *, asked_by: str) -> AgentSession:
        session = self.agents.open[user]
        if session.on_hook:
            raise NoRoom(agent=user)
        if user in self.gone:
            raise NoSuchPhone(phone=session.phone)
        self.record.add("call agent", user, asked_by)
        return session
