"""Agents on hook, as the state machine has them: a phone is rung for each call and hung up after it."""

from __future__ import annotations

from typing import Any

import pytest
from session_makers import LATER, a_session

from bridge.agents import signals
from bridge.agents.effects import Emit, HangupPhone, TellCall
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.on_hook import RING_NO_ANSWER
from bridge.agents.state import step
from bridge.calls.signals import AgentHungUp
from bridge.events.catalogue import AgentPhone

PHONE = "ast-1795689052.7"
"""Unique id of her phone's channel, which Asterisk has made up."""


def hers(state: AgentState, phone: str = "", **changes: Any) -> AgentSession:
    return a_session(state, on_hook=True, channel=phone, **changes)


def stages(effects: tuple[Any, ...]) -> list[str]:
    events = [effect.event for effect in effects if isinstance(effect, Emit)]
    return [event.stage for event in events if isinstance(event, AgentPhone)]


class TestHerPhone:
    @pytest.mark.parametrize("state", [AgentState.OFFERED, AgentState.DIALING, AgentState.INCALL])
    def test_that_comes_into_her_room_for_a_call_is_hers(self, state: AgentState) -> None:
        after = step(hers(state), signals.PhoneUp(at=LATER, channel=PHONE))
        assert (after.session.channel, after.session.state) == (PHONE, state)
        assert stages(after.effects) == ["seated"]

    @pytest.mark.parametrize(
        "state", [AgentState.PAUSED, AgentState.READY, AgentState.WRAPUP, AgentState.LOGGED_OUT]
    )
    def test_that_comes_when_there_is_no_call_is_hung_up(self, state: AgentState) -> None:
        for sign in (signals.PhoneUp, signals.SnapshotPresent):
            after = step(hers(state), sign(at=LATER, channel=PHONE))
            assert HangupPhone(channel=PHONE) in after.effects
            assert after.session.channel == ""

    @pytest.mark.parametrize("state", [AgentState.OFFERED, AgentState.DIALING, AgentState.INCALL])
    @pytest.mark.parametrize("sign", [signals.PhoneLost, signals.SnapshotAbsent])
    def test_that_she_puts_down_ends_the_call_and_not_her_shift(
        self, sign: type[signals.PhoneFact], state: AgentState
    ) -> None:
        after = step(hers(state, PHONE), sign(at=LATER, channel=PHONE))
        assert (after.session.state, after.session.channel) == (state, ""), "the call tells when it is over"
        told = AgentHungUp(at=LATER, session_id="session-1")
        assert after.effects == (TellCall(call_id="call-1", signal=told),)

    def test_of_an_earlier_call_means_nothing_for_this_one(self) -> None:
        session = hers(AgentState.DIALING)
        assert step(session, signals.PhoneLost(at=LATER, channel=PHONE)).session is session

    @pytest.mark.parametrize(
        "end",
        [
            signals.CallOver(at=LATER, call_id="call-1", wrapup=True),
            signals.CallOver(at=LATER, call_id="call-1", wrapup=False),
            signals.Disposed(at=LATER, call_id="call-1"),
            signals.Logout(at=LATER, now=True),
        ],
    )
    def test_is_hung_up_once_when_the_call_is_over(self, end: signals.Signal) -> None:
        after = step(hers(AgentState.INCALL, PHONE), end)
        hung_up = [effect for effect in after.effects if isinstance(effect, HangupPhone)]
        assert hung_up == [HangupPhone(channel=PHONE)]
        assert after.session.channel == ""

    @pytest.mark.parametrize(
        ("state", "begin"),
        [
            (AgentState.PAUSED, signals.Dial(at=LATER, call_id="call-2")),
            (AgentState.READY, signals.Offer(at=LATER, call_id="call-2")),
        ],
    )
    def test_rings_with_each_call(self, state: AgentState, begin: signals.Command) -> None:
        after = step(hers(state), begin)
        assert after.session.is_ringing
        assert stages(after.effects) == ["ringing"]
        up = step(after.session, signals.PhoneUp(at=LATER, channel=PHONE))
        assert not up.session.is_ringing

    @pytest.mark.parametrize("state", sorted(set(AgentState) - {AgentState.CONNECTING}))
    def test_is_never_hung_up_where_there_is_none(self, state: AgentState) -> None:
        over = signals.CallOver(at=LATER, call_id="call-1", wrapup=False)
        for end in (signals.Logout(at=LATER, now=True), over):
            if state is AgentState.LOGGED_OUT and isinstance(end, signals.Logout):
                continue
            after = step(hers(state), end)
            assert not [effect for effect in after.effects if isinstance(effect, HangupPhone)]


class TestACallBehindHerPhoneThatSheDoesNotAnswer:
    not_taken = signals.CallOver(at=LATER, call_id="call-1", wrapup=False, not_taken=True)

    def test_pauses_her_who_was_ready(self) -> None:
        after = step(hers(AgentState.DIALING, after_call=AgentState.READY), self.not_taken)
        assert (after.session.state, after.session.pause_reason) == (AgentState.PAUSED, RING_NO_ANSWER)
        assert (after.session.call_id, stages(after.effects)) == (None, ["failed"])

    @pytest.mark.parametrize("plan", [AgentState.PAUSED, AgentState.LOGGED_OUT])
    def test_leaves_her_as_she_was(self, plan: AgentState) -> None:
        session = hers(AgentState.DIALING, after_call=plan, pause_reason="LUNCH", logout_reason="asked")
        after = step(session, self.not_taken)
        assert (after.session.state, after.session.pause_reason) == (plan, "LUNCH")

    def test_that_was_taken_back_pauses_nobody(self) -> None:
        over = signals.CallOver(at=LATER, call_id="call-1", wrapup=False)
        session = hers(AgentState.DIALING, after_call=AgentState.READY)
        assert step(session, over).session.state is AgentState.READY


class TestACallerWhomSheDoesNotAnswer:
    not_taken = signals.OfferFailed(at=LATER, call_id="call-1")

    def test_pauses_her(self) -> None:
        after = step(hers(AgentState.OFFERED), self.not_taken)
        assert (after.session.state, after.session.pause_reason) == (AgentState.PAUSED, RING_NO_ANSWER)
        assert (after.session.call_id, after.session.lead_id) == (None, None)
        assert stages(after.effects) == ["failed"]

    @pytest.mark.parametrize("plan", [AgentState.PAUSED, AgentState.LOGGED_OUT])
    def test_leaves_to_her_what_she_wanted_after_it(self, plan: AgentState) -> None:
        session = hers(AgentState.OFFERED, after_call=plan, pause_reason="LUNCH", logout_reason="asked")
        after = step(session, self.not_taken)
        assert (after.session.state, after.session.pause_reason) == (plan, "LUNCH")

    def test_is_no_reason_to_pause_who_has_answered(self) -> None:
        assert step(hers(AgentState.OFFERED, PHONE), self.not_taken).session.state is AgentState.READY
