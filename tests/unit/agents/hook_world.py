"""The world of `world.py` in which every second agent is on hook: her phone is rung for each call."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from world import News, World

from bridge.agents import signals as agent_signals
from bridge.agents.model import AgentSession, AgentState
from bridge.calls import signals as call_signals
from bridge.calls.model import Call, CallKind


def _phone(call_id: str) -> str:
    """The channel of the phone that was rung for a call."""
    return f"phone-{call_id}"


def _leg(call_id: str) -> str:
    """The leg of a queue that rings a phone for a call."""
    return f"leg-{call_id}"


@dataclass
class HookWorld(World):
    """`rings`: for which calls a phone rings now, and whose. `up`: the phones in rooms, and whose."""

    rings: dict[str, str] = field(default_factory=dict)
    up: dict[str, str] = field(default_factory=dict)

    def is_on_hook(self, session_id: str) -> bool:
        """Whether this agent is."""
        return bool(session_id) and self.sessions[session_id].on_hook

    # -- commands

    def log_in(self) -> str:
        session_id = super().log_in()
        if len(self.sessions) % 2:
            self.phones_ringing.discard(session_id)
            self.sessions[session_id] = msgspec.structs.replace(
                self.sessions[session_id], on_hook=True, state=AgentState.PAUSED, logged_in_at=self.now()
            )
        return session_id

    def answer_phone(self, session_id: str) -> None:
        if not self.is_on_hook(session_id):
            super().answer_phone(session_id)

    def _new_call(self, kind: CallKind, session: AgentSession | None, wrapup: int) -> str:
        call_id = super()._new_call(kind, session, wrapup)
        if session is not None and session.on_hook:
            self.calls[call_id] = msgspec.structs.replace(self.calls[call_id], extension=session.phone)
        return call_id

    def assignment(self, call_id: str, session: AgentSession) -> call_signals.Assign:
        assign = super().assignment(call_id, session)
        if not session.on_hook:
            return assign
        return msgspec.structs.replace(assign, extension=session.phone, room_channel=_leg(call_id))

    def offer(self, call_id: str, session_id: str) -> None:
        if self.is_on_hook(session_id) and self.calls[call_id].kind is CallKind.AUTO:
            return  # those are not given to her
        before = self.offers.get(call_id)
        super().offer(call_id, session_id)
        if before is None and self.is_on_hook(self.offers.get(call_id, "")):
            self.rings[call_id] = session_id

    # -- Asterisk

    def make_channel(self, call_id: str) -> None:
        super().make_channel(call_id)
        if self._rings_first(self.calls[call_id]):
            self.rings[call_id] = next(
                one for one in self.sessions if self.sessions[one].room == self.calls[call_id].room
            )

    @staticmethod
    def _rings_first(call: Call) -> bool:
        return call.kind is CallKind.MANUAL and bool(call.extension)

    def ring(self, call_id: str) -> None:
        """Where her phone rings, she declines."""
        if call_id in self.rings:
            self.hang_up(call_id, "LRERR", reported=False)
        else:
            super().ring(call_id)

    def answer(self, call_id: str) -> None:
        """Where her phone rings, she answers that first."""
        if call_id in self.rings:
            self._picks_up(call_id)
            self.say(call_id, call_signals.ExtensionAnswered(at=self.now()))
        else:
            super().answer(call_id)

    def connect(self, call_id: str) -> None:
        if call_id in self.rings:
            self._picks_up(call_id)
        super().connect(call_id)

    def _picks_up(self, call_id: str) -> None:
        session_id = self.rings.pop(call_id)
        self.up[_phone(call_id)] = session_id
        self.say(session_id, agent_signals.PhoneUp(at=self.now(), channel=_phone(call_id)))

    def offer_fails(self, call_id: str) -> None:
        self.rings.pop(call_id, None)
        super().offer_fails(call_id)

    def has_phone(self, session_id: str) -> bool:
        return super().has_phone(session_id) or session_id in self.up.values()

    def put_down(self, phone: str) -> None:
        """She hangs up, or is hung up: her room ends with that (ConfBridge `end_marked`)."""
        session_id = self.up.pop(phone)
        self.say(session_id, agent_signals.PhoneLost(at=self.now(), channel=phone))
        self.hang_up(phone.removeprefix("phone-"))

    def hang_up(self, call_id: str, network_status: str = "", *, reported: bool = True) -> None:
        self.rings.pop(call_id, None)
        super().hang_up(call_id, network_status, reported=reported)

    def hang_up_phone(self, session_id: str, channel: str) -> None:
        if not self.is_on_hook(session_id):
            super().hang_up_phone(session_id, channel)
        elif channel in self.up:
            self.put_down(channel)

    def hang_up_channel(self, call_id: str, channel: str) -> None:
        """The leg of a queue alone: the caller waits on."""
        if channel != _leg(call_id):
            super().hang_up_channel(call_id, channel)
        elif call_id in self.rings:
            del self.rings[call_id]
            self.offers.pop(call_id, None)

    def restart_asterisk(self) -> None:
        self.rings.clear()
        self.up.clear()
        super().restart_asterisk()

    # -- the wire

    def may_come_again(self, news: News) -> bool:
        """A phone comes into a room once: all that is told of it comes over one link, in order."""
        hers = isinstance(news.signal, agent_signals.PhoneFact) and bool(news.signal.channel)
        return super().may_come_again(news) and not hers

    def extension_up(self, call_id: str) -> bool:
        return self._rings_first(self.calls[call_id]) and call_id not in self.rings

    def compare_session(self, session_id: str, *, restarted: bool) -> None:
        if not self.is_on_hook(session_id):
            super().compare_session(session_id, restarted=restarted)
            return
        there = [phone for phone, whose in self.up.items() if whose == session_id]
        session = self.sessions[session_id]
        lost = session.channel not in there if session.channel else False
        used = any(channel.with_session == session_id for channel in self.channels.values())
        alone = used and not there
        sign = agent_signals.SnapshotAbsent if lost or alone else agent_signals.SnapshotPresent
        if session.state is not AgentState.LOGGED_OUT:
            self.tell_session(session_id, sign(at=self.now(), channel=session.channel))
        for phone in there:
            if phone != session.channel:
                self.tell_session(session_id, agent_signals.SnapshotPresent(at=self.now(), channel=phone))

    # -- the end of the day

    def settle(self) -> None:
        for _ in range(2):  # what was in flight comes up in the first, and rings
            if not self.link_up:
                self.reconnect()
            for call_id in list(self.rings):
                if call_id in self.offers:
                    self.offer_fails(call_id)
                else:
                    self.hang_up(call_id, "LRERR", reported=False)
            super().settle()
