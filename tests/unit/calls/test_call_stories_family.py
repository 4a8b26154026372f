"""Calls that belong together: parked, passed on, left; third parties and volleys."""

from __future__ import annotations

from typing import Any

import pytest
from call_makers import LATER, NOW, a_call

from bridge.calls import signals
from bridge.calls.effects import Emit, EndLegs, EndRivals, HangupChannel, PassParent, TellAgent
from bridge.calls.model import PASSED_ON, Call, CallKind, CallState, room_half
from bridge.calls.notices import CallOver
from bridge.calls.state import step


def kinds(call: Call, signal: signals.Signal) -> list[type]:
    return [type(effect) for effect in step(call, signal).effects]


def events(call: Call, signal: signals.Signal) -> list[str]:
    return [effect.event.type for effect in step(call, signal).effects if isinstance(effect, Emit)]


def continuing(state: CallState, kind: CallKind = CallKind.BLIND, **changes: Any) -> Call:
    return a_call(state, kind=kind, parent="call-0", channel="cust", session_id="", user="", **changes)


class TestParking:
    def test_it_is_told_once(self) -> None:
        call = a_call(CallState.BRIDGED)
        assert events(call, signals.Parked(at=LATER)) == ["call.parked"]
        parked = step(call, signals.Parked(at=LATER)).call
        assert parked.parked_at == LATER
        assert step(parked, signals.Parked(at=LATER)).call is parked

    def test_and_back(self) -> None:
        parked = a_call(CallState.BRIDGED, parked_at=NOW)
        after = step(parked, signals.Unparked(at=LATER))
        assert after.call.parked_at is None
        assert events(parked, signals.Unparked(at=LATER)) == ["call.unparked"]

    def test_of_a_call_that_is_over_it_is_no_news(self) -> None:
        ended = a_call(CallState.ENDED)
        assert step(ended, signals.Parked(at=LATER)).call is ended


class TestPassingOn:
    def test_the_agent_is_asked_for_the_disposition(self) -> None:
        after = step(a_call(CallState.BRIDGED), signals.PassedOn(at=LATER, to="call-2"))
        assert (after.call.state, after.call.end_reason) == (CallState.ENDED, PASSED_ON)
        told = [effect.notice for effect in after.effects if isinstance(effect, TellAgent)]
        assert told == [CallOver(at=LATER, call_id="call-1", wrapup=True)]

    def test_no_channel_is_hung_up_for_it(self) -> None:
        passed = signals.PassedOn(at=LATER, to="call-2")
        assert HangupChannel not in kinds(a_call(CallState.BRIDGED, hangup_asked_at=NOW), passed)

    def test_its_own_channel_may_have_gone_before(self) -> None:
        ended = a_call(CallState.ENDED)
        passed = signals.PassedOn(at=LATER, to="call-2")
        assert step(ended, passed).call.end_reason == PASSED_ON
        assert events(ended, passed) == ["call.passed_on"]
        again = step(ended, passed).call
        assert step(again, passed).call is again

    def test_what_is_another_calls_by_now_is_not_hung_up(self) -> None:
        over = a_call(CallState.DISPOSED, kind=CallKind.AUTO, end_reason=PASSED_ON, channel="cust")
        assert kinds(over, signals.SnapshotPresent(at=LATER)) == []

    @pytest.mark.parametrize("state", [CallState.SENT, CallState.UNKNOWN])
    def test_the_first_sign_of_the_new_call_tells_the_old_one(self, state: CallState) -> None:
        assert PassParent in kinds(continuing(state), signals.ChannelUp(at=LATER, channel="cust"))
        assert PassParent in kinds(
            continuing(state), signals.SnapshotPresent(at=LATER, seen=CallState.BRIDGED)
        )

    def test_later_signs_do_not(self) -> None:
        assert PassParent not in kinds(continuing(CallState.DIALING), signals.Ringing(at=LATER))

    def test_a_call_that_asks_an_in_group_passes_nobody_on(self) -> None:
        asks = continuing(CallState.SENT, CallKind.CLOSER, room_channel=room_half("call-1"))
        assert PassParent not in kinds(asks, signals.ChannelUp(at=LATER, channel="call-1"))


class TestThirdParties:
    def test_none_stays_when_the_agent_goes_on(self) -> None:
        assert EndLegs in kinds(a_call(CallState.ENDED), signals.AgentStatus(at=LATER, status="SALE"))

    def test_none_stays_when_the_phone_of_an_agent_on_hook_is_hung_up(self) -> None:
        ended = signals.HangupSeen(at=LATER)
        assert EndLegs in kinds(a_call(CallState.BRIDGED, extension="1000"), ended)
        assert EndLegs not in kinds(a_call(CallState.BRIDGED), ended), "she is in her room still"

    def test_of_a_call_that_nobody_had_there_are_none(self) -> None:
        call = a_call(CallState.RINGING, kind=CallKind.AUTO, session_id="")
        ended = signals.HangupSeen(at=LATER, network_status="NA")
        assert EndLegs not in kinds(call, ended)

    def test_the_first_of_a_volley_ends_the_others(self) -> None:
        leg = a_call(CallState.RINGING, kind=CallKind.THREE_WAY, parent="call-0", volley="v", session_id="")
        answered = signals.Answered(at=LATER, channel="third")
        assert kinds(leg, answered).count(EndRivals) == 1
        assert EndRivals not in kinds(step(leg, answered).call, signals.AgentBridged(at=LATER))
        alone = a_call(CallState.RINGING, kind=CallKind.THREE_WAY, parent="call-0", session_id="")
        assert EndRivals not in kinds(alone, answered)
