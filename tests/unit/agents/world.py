"""A world for the two state machines: an Asterisk that does what it likes, a link that breaks, people.

It knows the truth; the machines know only what reaches them. Effects are carried out as the services do.
"""

from __future__ import annotations

from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bridge.agents import effects as agent_effects
from bridge.agents import errors as agent_errors
from bridge.agents import signals as agent_signals
from bridge.agents import state as agents
from bridge.agents.model import AgentSession, AgentState
from bridge.calls import effects as call_effects
from bridge.calls import errors as call_errors
from bridge.calls import signals as call_signals
from bridge.calls import state as calls
from bridge.calls.model import Call, CallKind, CallState
from bridge.events.catalogue import CallDisposed

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
REFUSED = (agent_errors.Refused, call_errors.Refused)


@dataclass
class Channel:
    """The customer's side of a call, as it really is."""

    seen: CallState = CallState.DIALING
    with_session: str = ""


@dataclass
class News:
    """A message on its way from Asterisk."""

    about: str
    signal: agent_signals.Signal | call_signals.Signal


@dataclass
class World:
    """Truth (`phones`, `channels`, what is under way) and what the bridge holds (`sessions`, `calls`)."""

    link_up: bool = True
    sessions: dict[str, AgentSession] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    phones_ringing: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    in_flight: set[str] = field(default_factory=set)
    offers: dict[str, str] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    wire: deque[News] = field(default_factory=deque)
    reports: list[News] = field(default_factory=list)
    heard: list[News] = field(default_factory=list)
    disposals: Counter[str] = field(default_factory=Counter)
    originates: Counter[str] = field(default_factory=Counter)
    ticks: int = 0

    def now(self) -> datetime:
        self.ticks += 1
        return START + timedelta(seconds=self.ticks)

    # -- the bridge

    def tell_session(self, session_id: str, signal: agent_signals.Signal) -> None:
        after = agents.step(self.sessions[session_id], signal)
        self.sessions[session_id] = after.session
        for effect in after.effects:
            match effect:
                case agent_effects.TellCall():
                    self.tell_call(effect.call_id, effect.signal)
                case agent_effects.HangupPhone() if self.link_up:
                    self.hang_up_phone(session_id, effect.channel)
                case _:
                    pass

    def tell_call(self, call_id: str, signal: call_signals.Signal) -> None:
        after = calls.step(self.calls[call_id], signal)
        self.calls[call_id] = after.call
        for effect in after.effects:
            match effect:
                case call_effects.Emit(event=CallDisposed()):
                    self.disposals[call_id] += 1
                case call_effects.TellAgent():
                    self.tell_session(effect.session_id, effect.notice)
                case call_effects.SendOriginate():
                    self.send(call_id)
                case call_effects.HangupChannel() if self.link_up:
                    self.hang_up_channel(call_id, effect.channel)
                case _:
                    pass

    def send(self, call_id: str) -> None:
        self.originates[call_id] += 1
        if self.link_up:
            self.in_flight.add(call_id)
        else:
            failed = call_signals.OriginateFailed(at=self.now(), reason="not_connected", network_status="ADC")
            self.tell_call(call_id, failed)

    # -- commands

    def log_in(self) -> str:
        session_id = f"session-{len(self.sessions)}"
        self.sessions[session_id] = AgentSession(
            id=session_id,
            user=session_id,
            phone="1000",
            campaign="TEST",
            asterisk="main",
            room=str(8600051 + len(self.sessions)),
            state_since=self.now(),
            queues=("sales",),
        )
        self.phones_ringing.add(session_id)
        return session_id

    def _new_call(self, kind: CallKind, session: AgentSession | None, wrapup: int) -> str:
        call_id = f"call-{len(self.calls)}"
        self.calls[call_id] = Call(
            id=call_id,
            legacy_id=call_id,
            legacy_uniqueid=call_id,
            kind=kind,
            asterisk="main",
            campaign="TEST",
            number="7275550100",
            session_id=session.id if session else "",
            user=session.user if session else "",
            room=session.room if session else "",
            wrapup_seconds=wrapup,
            asked_at=self.now(),
        )
        return call_id

    def dial(self, session_id: str, wrapup: int) -> None:
        """A manual call: the session takes it, or it is never written."""
        call_id = f"call-{len(self.calls)}"
        with suppress(*REFUSED):
            self.tell_session(session_id, agent_signals.Dial(at=self.now(), call_id=call_id))
            self._new_call(CallKind.MANUAL, self.sessions[session_id], wrapup)
            self.tell_call(call_id, call_signals.Send(at=self.now()))

    def dial_alone(self, wrapup: int) -> None:
        call_id = self._new_call(CallKind.AUTO, None, wrapup)
        self.tell_call(call_id, call_signals.Send(at=self.now()))

    def arrive(self, wrapup: int) -> None:
        """An inbound caller: the dialplan asks the bridge before it lets her wait."""
        call_id = self._new_call(CallKind.INBOUND, None, wrapup)
        self.channels[call_id] = Channel(CallState.QUEUED)
        self.tell_call(call_id, call_signals.ChannelUp(at=self.now(), channel=f"in-{call_id}"))
        self.say(call_id, call_signals.Queued(at=self.now(), queue="sales"))

    def offer(self, call_id: str, session_id: str) -> None:
        """The arbiter takes an agent for a call, both or neither."""
        session, before = self.sessions[session_id], (dict(self.sessions), dict(self.calls))
        try:
            self.tell_session(session_id, agent_signals.Offer(at=self.now(), call_id=call_id))
            self.tell_call(call_id, self.assignment(call_id, session))
            self.offers[call_id] = session_id
        except REFUSED:
            self.sessions, self.calls = before

    def assignment(self, _call_id: str, session: AgentSession) -> call_signals.Assign:
        """She is to have the call."""
        return call_signals.Assign(at=self.now(), session_id=session.id, user=session.user, room=session.room)

    def offer_fails(self, call_id: str) -> None:
        """The way into her room is barred: the queue says so, and tries the next."""
        session_id = self.offers.pop(call_id)
        self.say(call_id, call_signals.Unassign(at=self.now(), session_id=session_id))

    def offer_deadline(self, call_id: str) -> None:
        """Nothing was heard of an offer for long after it ended: Asterisk is asked."""
        expected = any(isinstance(news.signal, call_signals.Unassign) for news in self.wire)
        session_id = self.calls[call_id].session_id
        if not session_id or call_id in self.offers or expected:
            return
        channel = self.channels.get(call_id)
        if channel is not None and channel.with_session:
            self.tell_call(call_id, call_signals.SnapshotPresent(at=self.now(), seen=CallState.BRIDGED))
        else:
            self.tell_call(call_id, call_signals.Unassign(at=self.now(), session_id=session_id))

    def command_session(self, session_id: str, command: agent_signals.Command) -> None:
        with suppress(agent_errors.Refused):
            self.tell_session(session_id, command)

    def command_call(self, call_id: str, command: call_signals.Command) -> None:
        with suppress(call_errors.Refused):
            self.tell_call(call_id, command)

    # -- Asterisk

    def say(self, about: str, signal: agent_signals.Signal | call_signals.Signal) -> None:
        if self.link_up:
            self.wire.append(News(about, signal))

    def answer_phone(self, session_id: str) -> None:
        self.phones_ringing.discard(session_id)
        self.phones.add(session_id)
        self.say(session_id, agent_signals.PhoneUp(at=self.now()))

    def refuse_phone(self, session_id: str) -> None:
        self.phones_ringing.discard(session_id)
        self.say(session_id, agent_signals.PhoneFailed(at=self.now()))

    def lose_phone(self, session_id: str) -> None:
        """Her room ends with her: whoever she spoke to is hung up (ConfBridge `end_marked`)."""
        if session_id in self.phones_ringing:
            self.refuse_phone(session_id)
        if session_id not in self.phones:
            return
        self.phones.discard(session_id)
        self.offers = {call: one for call, one in self.offers.items() if one != session_id}
        self.say(session_id, agent_signals.PhoneLost(at=self.now()))
        for call_id, channel in list(self.channels.items()):
            if channel.with_session == session_id:
                self.hang_up(call_id)

    def has_phone(self, session_id: str) -> bool:
        """Whether her phone sits in her room."""
        return session_id in self.phones

    def hang_up_phone(self, session_id: str, _channel: str) -> None:
        """The bridge hangs up a phone of hers."""
        self.lose_phone(session_id)

    def hang_up_channel(self, call_id: str, _channel: str) -> None:
        """The bridge hangs up a channel of a call."""
        self.hang_up(call_id)

    def make_channel(self, call_id: str) -> None:
        self.in_flight.discard(call_id)
        self.channels[call_id] = Channel()
        self.say(call_id, call_signals.ChannelUp(at=self.now()))

    def refuse_call(self, call_id: str) -> None:
        self.in_flight.discard(call_id)
        self.say(call_id, call_signals.OriginateFailed(at=self.now(), network_status="ADC"))

    def ring(self, call_id: str) -> None:
        self.channels[call_id].seen = CallState.RINGING
        self.say(call_id, call_signals.Ringing(at=self.now(), channel=f"cust-{call_id}"))

    def answer(self, call_id: str) -> None:
        self.channels[call_id].seen = CallState.ANSWERED
        self.say(call_id, call_signals.Answered(at=self.now()))
        call = self.calls[call_id]
        if call.kind is CallKind.MANUAL:
            self.connect(call_id)

    def connect(self, call_id: str) -> None:
        session_id = self.offers.pop(call_id, self.calls[call_id].session_id)
        if not self.has_phone(session_id):
            return
        channel = self.channels[call_id]
        channel.seen, channel.with_session = CallState.BRIDGED, session_id
        self.say(call_id, call_signals.AgentBridged(at=self.now(), session_id=session_id))

    def hang_up(self, call_id: str, network_status: str = "", *, reported: bool = True) -> None:
        """A channel ends; the report goes its own, durable way, and can come at any time after."""
        self.offers.pop(call_id, None)
        if self.channels.pop(call_id, None) is None:
            return
        self.say(call_id, call_signals.HangupSeen(at=self.now(), cause=16, network_status=network_status))
        if reported:
            self.reports.append(News(call_id, call_signals.Report(at=self.now(), network_status="NA")))

    # -- the wire

    def deliver(self, news: News) -> None:
        if self.may_come_again(news):
            self.heard.append(news)
        if isinstance(news.signal, call_signals.Signal):
            self.tell_call(news.about, news.signal)
        else:
            self.tell_session(news.about, news.signal)

    def may_come_again(self, news: News) -> bool:
        """Whether it may be told twice: of an offer's end only that offer's own speaks."""
        return not isinstance(news.signal, call_signals.Unassign)

    def lose_link(self, lost_actions: set[str]) -> None:
        """What was on the wire is lost, and of the actions in flight these never arrived."""
        self.link_up = False
        self.wire.clear()
        self.in_flight -= lost_actions
        for call_id in self.calls:
            self.tell_call(call_id, call_signals.LinkLost(at=self.now()))

    def restart_asterisk(self) -> None:
        self.link_up = False
        self.wire.clear()
        self.in_flight.clear()
        self.phones_ringing.clear()
        self.phones.clear()
        self.channels.clear()
        self.offers.clear()
        self.reconnect(restarted=True)

    def reconnect(self, *, restarted: bool = False) -> None:
        """The link is back: compare."""
        self.link_up = True
        for session_id in self.sessions:
            self.compare_session(session_id, restarted=restarted)
        for call_id in self.calls:
            self.compare_call(call_id, restarted=restarted)

    def compare_session(self, session_id: str, *, restarted: bool) -> None:
        if session_id in self.phones:
            self.tell_session(session_id, agent_signals.SnapshotPresent(at=self.now()))
        else:
            absent = agent_signals.SnapshotAbsent(at=self.now(), asterisk_restarted=restarted)
            self.tell_session(session_id, absent)

    def compare_call(self, call_id: str, *, restarted: bool) -> None:
        channel = self.channels.get(call_id)
        if channel is None:
            self.tell_call(call_id, call_signals.SnapshotAbsent(at=self.now(), asterisk_restarted=restarted))
            return
        present = call_signals.SnapshotPresent(
            at=self.now(),
            seen=channel.seen,
            session_id=channel.with_session,
            user=channel.with_session,
            extension_up=self.extension_up(call_id),
        )
        self.tell_call(call_id, present)

    def extension_up(self, _call_id: str) -> bool:
        """Whether a phone was rung first for the call, and has answered."""
        return False

    # -- the end of the day

    def settle(self) -> None:
        """Everything under way arrives, and every deadline passes."""
        if not self.link_up:
            self.reconnect()
        for session_id in list(self.phones_ringing):
            self.refuse_phone(session_id)
        self.drain()
        for session_id, session in list(self.sessions.items()):
            if session.state is AgentState.CONNECTING:
                self.tell_session(session_id, agent_signals.PhoneFailed(at=self.now()))
        for call_id in self.calls:
            self.tell_call(call_id, call_signals.GiveUp(at=self.now()))
        for call_id in list(self.in_flight):  # given up or not, Asterisk makes them after all
            self.make_channel(call_id)
        self.drain()
        self.offers.clear()
        for call_id in self.calls:
            self.offer_deadline(call_id)
            self.tell_call(call_id, call_signals.WrapupOver(at=self.now()))
        self.drain()

    def drain(self) -> None:
        while self.wire or self.reports:
            self.deliver(self.wire.popleft() if self.wire else self.reports.pop())
