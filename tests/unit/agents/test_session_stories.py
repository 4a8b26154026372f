"""What becomes of sessions, told as it happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from session_makers import LATER, NOW, a_session

from bridge.agents import signals
from bridge.agents.effects import (
    DropWaitingDials,
    Effect,
    Emit,
    HangupPhone,
    QueueJoin,
    QueueLeave,
    QueuePause,
    SetDeviceState,
    TellCall,
)
from bridge.agents.errors import Reason, Refused
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.signals import Signal
from bridge.agents.state import begin, step
from bridge.calls.signals import AgentGone


class Shift:
    """A session, what happens to it, and all that was to be done about it."""

    def __init__(self, state: AgentState = AgentState.CONNECTING, **changes: Any) -> None:
        self.session: AgentSession = a_session(state, **changes)
        self.effects: list[Effect] = []

    def __call__(self, *happening: Signal) -> Shift:
        for signal in happening:
            after = step(self.session, signal)
            self.session = after.session
            self.effects += after.effects
        return self

    @property
    def state(self) -> AgentState:
        return self.session.state

    @property
    def events(self) -> list[str]:
        return [effect.event.type for effect in self.effects if isinstance(effect, Emit)]

    @property
    def devices(self) -> list[str]:
        return [effect.state for effect in self.effects if isinstance(effect, SetDeviceState)]

    @property
    def pauses(self) -> list[tuple[bool, str]]:
        return [(e.paused, e.reason) for e in self.effects if isinstance(e, QueuePause)]

    def has(self, effect: Effect) -> bool:
        return effect in self.effects


def over(call_id: str = "call-1", *, wrapup: bool = True, at: datetime = LATER) -> signals.CallOver:
    return signals.CallOver(at=at, call_id=call_id, wrapup=wrapup)


class TestLogin:
    def test_begins_with_her_phone(self) -> None:
        (rung,) = begin(a_session(AgentState.CONNECTING)).effects
        assert isinstance(rung, Emit)
        assert rung.event.type == "agent.logging_in"

    def test_seated_and_paused_first(self) -> None:
        shift = Shift()(signals.PhoneUp(at=LATER))
        assert shift.state is AgentState.PAUSED
        assert shift.session.pause_reason == "LOGIN"
        assert shift.session.logged_in_at == LATER
        assert shift.effects[1:] == [
            QueueJoin(queues=("sales",), reason="LOGIN"),
            SetDeviceState(state="INUSE"),
        ]
        assert shift.events == ["agent.logged_in"]

    def test_without_queues_none_are_joined(self) -> None:
        shift = Shift(queues=())(signals.PhoneUp(at=LATER), signals.Resume(at=LATER))
        assert not any(isinstance(effect, QueueJoin | QueuePause) for effect in shift.effects)

    def test_phone_does_not_answer(self) -> None:
        shift = Shift()(signals.PhoneFailed(at=LATER, reason="busy"))
        assert shift.events == ["agent.login_failed"]
        assert shift.session.logout_reason == "busy"

    def test_phone_answers_after_the_login_was_called_off(self) -> None:
        shift = Shift()(signals.Logout(at=NOW))
        assert shift.has(HangupPhone(channel="session-1"))
        shift.effects.clear()
        shift(signals.PhoneUp(at=LATER))
        assert shift.effects == [HangupPhone(channel="session-1")]
        assert shift.state is AgentState.LOGGED_OUT

    def test_found_seated_after_a_gap(self) -> None:
        shift = Shift()(signals.SnapshotPresent(at=LATER))
        (event,) = [effect.event for effect in shift.effects if isinstance(effect, Emit)]
        assert (event.type, getattr(event, "cause", "")) == ("agent.logged_in", "resync")

    def test_asterisk_started_anew_while_ringing(self) -> None:
        shift = Shift()(signals.SnapshotAbsent(at=LATER, asterisk_restarted=True))
        assert shift.session.logout_reason == "asterisk_restarted"
        assert shift.events == ["agent.login_failed"]


class TestPause:
    def test_resume_and_pause(self) -> None:
        shift = Shift(AgentState.PAUSED)(signals.Resume(at=NOW), signals.Pause(at=LATER, reason="LUNCH"))
        assert shift.events == ["agent.ready", "agent.paused"]
        assert shift.devices == ["NOT_INUSE", "INUSE"]
        assert shift.pauses == [(False, ""), (True, "LUNCH")]
        assert shift.session.ready_since is None

    def test_same_pause_again_is_nothing_new(self) -> None:
        shift = Shift(AgentState.PAUSED, pause_reason="LUNCH")
        before = shift.session
        assert shift(signals.Pause(at=LATER, reason="LUNCH")).session is before

    def test_other_reason_while_paused(self) -> None:
        shift = Shift(AgentState.PAUSED)(signals.SetPauseReason(at=LATER, reason="BREAK"))
        assert shift.events == ["agent.paused"]
        assert shift.pauses == [(True, "BREAK")]
        assert shift.session.state_since == NOW, "the same pause, under another name"

    def test_without_a_reason_the_last_one_stays(self) -> None:
        shift = Shift(AgentState.READY, pause_reason="LUNCH")(signals.Pause(at=LATER))
        assert shift.session.pause_reason == "LUNCH"

    @pytest.mark.parametrize("state", [AgentState.OFFERED, AgentState.INCALL, AgentState.WRAPUP])
    def test_in_a_call_it_comes_after_the_call(self, state: AgentState) -> None:
        shift = Shift(state)(signals.Pause(at=NOW, reason="LUNCH"))
        assert shift.state is state
        assert shift.events == []
        assert shift.pauses == [(True, "LUNCH")], "no queue offers her a call meanwhile"
        shift(signals.Disposed(at=LATER, call_id="call-1"))
        assert shift.state is AgentState.PAUSED
        assert shift.session.pause_reason == "LUNCH"

    def test_resume_in_wrapup_comes_after_it(self) -> None:
        shift = Shift(AgentState.WRAPUP, after_call=AgentState.PAUSED)(signals.Resume(at=NOW))
        assert shift.events == []
        shift(signals.Disposed(at=LATER, call_id="call-1"))
        assert shift.state is AgentState.READY

    @pytest.mark.parametrize("state", [AgentState.READY, AgentState.INCALL, AgentState.OFFERED])
    def test_resume_of_who_is_not_paused(self, state: AgentState) -> None:
        with pytest.raises(Refused) as caught:
            Shift(state)(signals.Resume(at=NOW))
        assert caught.value.reason is Reason.NOT_PAUSED


class TestManualCall:
    def dialing(self) -> Shift:
        return Shift(AgentState.PAUSED)(signals.Dial(at=NOW, call_id="call-1", lead_id=42))

    def test_back_to_her_pause(self) -> None:
        shift = self.dialing()
        assert (shift.session.call_id, shift.session.lead_id) == ("call-1", 42)
        shift(signals.Bridged(at=NOW, call_id="call-1"), over(), signals.Disposed(at=LATER, call_id="call-1"))
        assert shift.events == ["agent.dialing", "agent.incall", "agent.wrapup", "agent.paused"]
        assert (shift.session.call_id, shift.session.lead_id) == (None, None)
        assert shift.pauses == [], "she has been paused in her queues all the time"

    def test_never_answered(self) -> None:
        shift = self.dialing()(over(wrapup=False))
        assert shift.events == ["agent.dialing", "agent.paused"]

    def test_wait_again_after_a_queued_dial(self) -> None:
        dial = signals.Dial(at=NOW, call_id="call-1", from_ready=True)
        shift = Shift(AgentState.READY)(dial, over(wrapup=False))
        assert shift.state is AgentState.READY
        assert shift.session.ready_since == LATER

    def test_not_while_waiting(self) -> None:
        with pytest.raises(Refused) as caught:
            Shift(AgentState.READY)(signals.Dial(at=NOW, call_id="call-1"))
        assert caught.value.reason is Reason.NOT_PAUSED

    def test_not_with_a_lead_on_the_screen(self) -> None:
        with pytest.raises(Refused):
            Shift(AgentState.WRAPUP)(signals.Dial(at=NOW, call_id="call-2"))


class TestOfferedCall:
    def test_taken_and_back_to_waiting(self) -> None:
        offer = signals.Offer(at=NOW, call_id="call-1", lead_id=42)
        shift = Shift(AgentState.READY)(offer, signals.Bridged(at=NOW, call_id="call-1"), over(wrapup=False))
        assert shift.events == ["agent.offered", "agent.incall", "agent.ready"]
        assert shift.devices == ["RINGING", "INUSE", "NOT_INUSE"]

    def test_does_not_lose_her_place_by_an_offer_that_fails(self) -> None:
        shift = Shift(AgentState.READY, ready_since=NOW - timedelta(minutes=5))
        shift(signals.Offer(at=NOW, call_id="call-1"), signals.OfferFailed(at=LATER, call_id="call-1"))
        assert shift.state is AgentState.READY
        assert shift.session.ready_since == NOW - timedelta(minutes=5)

    def test_waits_anew_after_a_talk(self) -> None:
        shift = Shift(AgentState.INCALL)(over(wrapup=False))
        assert shift.session.ready_since == LATER

    def test_another_calls_end_is_no_matter(self) -> None:
        shift = Shift(AgentState.INCALL)
        before = shift.session
        assert shift(over("call-9"), signals.Disposed(at=LATER, call_id="call-9")).session is before

    def test_comes_after_all(self) -> None:
        shift = Shift(AgentState.READY)(signals.Bridged(at=LATER, call_id="call-1"))
        assert (shift.state, shift.session.call_id) == (AgentState.INCALL, "call-1")
        assert shift(over(wrapup=False)).state is AgentState.READY

    def test_comes_after_she_has_left(self) -> None:
        shift = Shift(AgentState.LOGGED_OUT)(signals.Bridged(at=LATER, call_id="call-1"))
        gone = AgentGone(at=LATER, session_id="session-1")
        assert shift.effects == [TellCall(call_id="call-1", signal=gone)]


class TestLogout:
    def test_at_once_when_free(self) -> None:
        shift = Shift(AgentState.READY)(signals.Logout(at=LATER))
        assert shift.session.logout_reason == "asked"
        assert shift.session.logged_out_at == LATER
        assert shift.effects[1:] == [
            DropWaitingDials(),
            QueueLeave(queues=("sales",)),
            SetDeviceState(state="UNAVAILABLE"),
            HangupPhone(channel="session-1"),
        ]

    def test_after_the_call_and_its_disposition(self) -> None:
        shift = Shift(AgentState.INCALL)(signals.Logout(at=NOW, reason="supervisor"), over())
        assert shift.events == ["agent.wrapup"]
        shift(signals.Disposed(at=LATER, call_id="call-1"))
        assert shift.state is AgentState.LOGGED_OUT
        assert shift.session.logout_reason == "supervisor"
        assert shift.has(HangupPhone(channel="session-1"))
        assert not any(isinstance(effect, TellCall) for effect in shift.effects), "the call is over already"

    def test_taken_back_by_a_later_pause(self) -> None:
        shift = Shift(AgentState.INCALL)(signals.Logout(at=NOW), signals.Pause(at=NOW, reason="LUNCH"))
        assert shift(over(wrapup=False)).state is AgentState.PAUSED

    def test_now_takes_the_call_along(self) -> None:
        shift = Shift(AgentState.INCALL)(signals.Logout(at=LATER, now=True))
        assert shift.state is AgentState.LOGGED_OUT
        assert shift.has(TellCall(call_id="call-1", signal=AgentGone(at=LATER, session_id="session-1")))

    def test_phone_lost(self) -> None:
        shift = Shift(AgentState.PAUSED)(signals.PhoneLost(at=LATER))
        assert shift.session.logout_reason == "phone_lost"
        assert not shift.has(HangupPhone(channel="session-1")), "it is gone already"
        assert shift.events == ["agent.logged_out"]

    def test_twice(self) -> None:
        with pytest.raises(Refused) as caught:
            Shift(AgentState.LOGGED_OUT)(signals.Logout(at=LATER))
        assert caught.value.reason is Reason.LOGGED_OUT


class TestSnapshot:
    @pytest.mark.parametrize(
        ("state", "device", "paused"),
        [
            (AgentState.READY, "NOT_INUSE", False),
            (AgentState.PAUSED, "INUSE", True),
            (AgentState.INCALL, "INUSE", False),
        ],
    )
    def test_asterisk_is_told_again(self, state: AgentState, device: str, *, paused: bool) -> None:
        shift = Shift(state)
        before = shift.session
        shift(signals.SnapshotPresent(at=LATER))
        assert shift.session is before
        assert shift.devices == [device]
        assert [pause for pause, _ in shift.pauses] == [paused]
        assert shift.events == []

    def test_phone_gone_meanwhile(self) -> None:
        shift = Shift(AgentState.READY)(signals.SnapshotAbsent(at=LATER))
        (event,) = [effect.event for effect in shift.effects if isinstance(effect, Emit)]
        assert (event.type, getattr(event, "cause", "")) == ("agent.logged_out", "resync")
        assert shift.session.logout_reason == "phone_lost"

    def test_news_of_calls_keep_their_cause(self) -> None:
        shift = Shift(AgentState.INCALL)
        shift(signals.CallOver(at=LATER, call_id="call-1", wrapup=True, cause="resync"))
        (event,) = [effect.event for effect in shift.effects if isinstance(effect, Emit)]
        assert (event.type, getattr(event, "cause", "")) == ("agent.wrapup", "resync")


def test_before_she_is_seated_most_commands_are_too_early() -> None:
    for command in (
        signals.Resume(at=NOW),
        signals.Offer(at=NOW, call_id="c"),
        signals.Dial(at=NOW, call_id="c"),
    ):
        with pytest.raises(Refused) as caught:
            Shift()(command)
        assert caught.value.reason is Reason.NOT_SEATED


def test_pause_reason_chosen_before_she_is_seated_is_the_first_one() -> None:
    shift = Shift()(signals.Pause(at=NOW, reason="SETUP"), signals.PhoneUp(at=LATER))
    assert shift.session.pause_reason == "SETUP"
    assert shift.has(QueueJoin(queues=("sales",), reason="SETUP"))
