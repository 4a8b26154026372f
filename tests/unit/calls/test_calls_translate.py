"""What Asterisk's events mean for calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from call_makers import NOW, a_call
from core_bench import ami_event
from hypothesis import given
from hypothesis import strategies as st

from bridge.ami.events import (
    AgentConnect,
    AgentRingNoAnswer,
    AmiEvent,
    ConfbridgeJoin,
    DialBegin,
    DialEnd,
    DialState,
    Hangup,
    Newchannel,
    Newstate,
    OriginateResponse,
    QueueCallerJoin,
)
from bridge.calls import signals, state
from bridge.calls.model import Call, CallKind, CallState, Seat
from bridge.calls.translate import RINGING, UP, Translator

MANUAL, AUTO, INBOUND, DIALPLAN, *_ = CallKind
MEMBER = "Local/8600051@bridge-offer/n"
EMPTY = "Local/8600052@bridge-offer/n"
HERS = Seat("session-1", "1000", "8600051")

Tell = Callable[..., list[Any]]


def a_translator() -> Translator:
    return Translator({MEMBER: HERS, EMPTY: Seat()}.get)


@pytest.fixture
def translator() -> Translator:
    return a_translator()


@pytest.fixture
def tell(translator: Translator) -> Tell:
    """Say what happens, get what it means for the only call that there is."""

    def happens(kind: type[AmiEvent], **headers: object) -> list[Any]:
        found = list(translator.signals(ami_event(kind, **headers), NOW))
        assert {call_id for call_id, _ in found} <= {"call-1"}
        return [signal for _, signal in found]

    return happens


def call_of(kind: CallKind, **more: Any) -> Call:
    return a_call(CallState.SENT, kind=kind, **more)


class TestACallDialledAlone:
    @pytest.fixture(autouse=True)
    def followed(self, translator: Translator) -> None:
        translator.follow(call_of(AUTO))

    def test_its_channel_is_the_customers(self, tell: Tell) -> None:
        assert tell(Newchannel, Uniqueid="call-1") == [signals.ChannelUp(at=NOW, channel="call-1")]

    def test_rings_and_is_answered(self, tell: Tell) -> None:
        assert tell(Newstate, Uniqueid="call-1", ChannelState=RINGING) == [
            signals.Ringing(at=NOW, channel="call-1")
        ]
        assert tell(Newstate, Uniqueid="call-1", ChannelState=UP) == [
            signals.Answered(at=NOW, channel="call-1")
        ]

    @pytest.mark.parametrize("channel_state", ["0", "4", "", "up", "-1"])
    def test_other_states_of_the_channel_say_nothing(self, tell: Tell, channel_state: str) -> None:
        assert tell(Newstate, Uniqueid="call-1", ChannelState=channel_state) == []

    def test_joins_the_agents_room(self, tell: Tell) -> None:
        assert tell(ConfbridgeJoin, Uniqueid="call-1") == [signals.AgentBridged(at=NOW)]

    def test_its_end_tells_how_the_dialling_went(self, tell: Tell) -> None:
        assert tell(DialBegin, DestUniqueid="call-1") == []
        assert tell(DialState, DestUniqueid="call-1", DialStatus="RINGING") == []
        assert tell(DialEnd, DestUniqueid="call-1", DialStatus="BUSY") == []
        assert tell(Hangup, Uniqueid="call-1", Cause=17) == [
            signals.HangupSeen(at=NOW, cause=17, dial_status="BUSY")
        ]

    def test_failed_without_a_channel(self, tell: Tell) -> None:
        assert tell(OriginateResponse, ActionID="call-1", Response="Failure", Reason=0) == [
            signals.OriginateFailed(at=NOW, reason="originate_0")
        ]

    def test_failure_after_a_channel_is_left_to_its_hangup(self, tell: Tell) -> None:
        tell(Newchannel, Uniqueid="call-1")
        assert tell(OriginateResponse, ActionID="call-1", Response="Failure", Reason=5) == []

    def test_success_says_nothing_new(self, tell: Tell) -> None:
        assert tell(OriginateResponse, ActionID="call-1", Response="Success", Reason=4) == []

    def test_failure_of_another_action_that_names_its_channel(self, tell: Tell) -> None:
        """Measured on Asterisk 22: a failed Originate can carry the unique id of a living channel."""
        assert tell(OriginateResponse, ActionID="other", Uniqueid="call-1", Response="Failure") == []


class TestACallOutOfAnAgentsRoom:
    @pytest.fixture(autouse=True)
    def followed(self, translator: Translator) -> None:
        translator.follow(call_of(MANUAL))

    def test_its_channel_is_not_the_customers(self, tell: Tell) -> None:
        assert tell(Newchannel, Uniqueid="call-1") == [signals.ChannelUp(at=NOW)]

    def test_that_its_local_channel_is_up_means_nothing(self, tell: Tell) -> None:
        assert tell(Newstate, Uniqueid="call-1", ChannelState=UP) == []
        assert tell(ConfbridgeJoin, Uniqueid="call-1") == []

    def test_the_originates_own_dialling_means_nothing(self, tell: Tell) -> None:
        assert tell(DialBegin, DestUniqueid="call-1") == []
        assert tell(DialState, DestUniqueid="call-1", DialStatus="RINGING") == []
        assert tell(DialEnd, DestUniqueid="call-1", DialStatus="ANSWER") == []

    def test_the_dialplan_dials_rings_and_reaches_the_customer(self, tell: Tell) -> None:
        assert tell(DialBegin, Uniqueid="call-1", DestUniqueid="cust") == [
            signals.ChannelUp(at=NOW, channel="cust")
        ]
        assert tell(DialState, Uniqueid="call-1", DestUniqueid="cust", DialStatus="RINGING") == [
            signals.Ringing(at=NOW, channel="cust")
        ]
        assert tell(DialEnd, Uniqueid="call-1", DestUniqueid="cust", DialStatus="ANSWER") == [
            signals.Answered(at=NOW, channel="cust"),
            signals.AgentBridged(at=NOW),
        ]

    def test_progress_is_not_ringing(self, tell: Tell) -> None:
        assert tell(DialState, Uniqueid="call-1", DestUniqueid="cust", DialStatus="PROGRESS") == []

    def test_its_end_tells_how_the_dialling_went(self, tell: Tell) -> None:
        assert tell(DialEnd, Uniqueid="call-1", DestUniqueid="cust", DialStatus="NOANSWER") == []
        assert tell(Hangup, Uniqueid="call-1", Cause=0) == [
            signals.HangupSeen(at=NOW, cause=0, dial_status="NOANSWER")
        ]


class TestACallThatCameToUs:
    @pytest.fixture(autouse=True)
    def followed(self, translator: Translator) -> None:
        translator.follow(call_of(INBOUND), "1732420800.17")

    def test_waits_in_a_queue(self, tell: Tell) -> None:
        assert tell(QueueCallerJoin, Uniqueid="1732420800.17", Queue="SALES") == [
            signals.Queued(at=NOW, queue="SALES", channel="1732420800.17")
        ]

    def test_is_connected_to_the_agent_of_the_member(self, tell: Tell) -> None:
        assert tell(AgentConnect, Uniqueid="1732420800.17", Interface=MEMBER) == [
            signals.AgentBridged(at=NOW, session_id="session-1", user="1000", room="8600051")
        ]

    def test_a_member_that_is_none_of_ours_names_nobody(self, tell: Tell) -> None:
        assert tell(AgentConnect, Uniqueid="1732420800.17", Interface="PJSIP/1") == [
            signals.AgentBridged(at=NOW)
        ]
        assert tell(AgentRingNoAnswer, Uniqueid="1732420800.17", Interface="PJSIP/1") == []

    def test_is_connected_to_a_room_whose_agent_has_gone(self, tell: Tell) -> None:
        assert tell(AgentConnect, Uniqueid="1732420800.17", Interface=EMPTY) == [
            signals.AgentBridged(at=NOW, alone=True)
        ]

    def test_is_not_taken_by_the_agent_it_was_offered_to(self, tell: Tell) -> None:
        assert tell(AgentRingNoAnswer, Uniqueid="1732420800.17", Interface=MEMBER) == [
            signals.Unassign(at=NOW, session_id="session-1")
        ]

    def test_news_of_an_earlier_ring_is_not_of_the_one_that_was_taken(
        self, translator: Translator, tell: Tell
    ) -> None:
        translator.offered("call-1", "Local/8600051@bridge-offer-0002;2")
        rung = {"Uniqueid": "1732420800.17", "Interface": MEMBER}
        assert tell(AgentRingNoAnswer, **rung, DestChannel="Local/8600051@bridge-offer-0001;1") == []
        assert tell(AgentRingNoAnswer, **rung, DestChannel="Local/8600051@bridge-offer-0002;1") == [
            signals.Unassign(at=NOW, session_id="session-1")
        ]

    def test_its_channel_is_the_customers(self, tell: Tell) -> None:
        assert tell(Newchannel, Uniqueid="1732420800.17") == [
            signals.ChannelUp(at=NOW, channel="1732420800.17")
        ]
        assert tell(Newstate, Uniqueid="1732420800.17", ChannelState=UP) == []

    def test_the_queue_dials_its_members_and_that_is_no_progress(self, tell: Tell) -> None:
        for kind, status in ((DialBegin, ""), (DialState, "RINGING"), (DialEnd, "BUSY")):
            assert tell(kind, Uniqueid="1732420800.17", DestUniqueid="leg", DialStatus=status) == []
        assert tell(Hangup, Uniqueid="1732420800.17", Cause=16) == [signals.HangupSeen(at=NOW, cause=16)]


class TestACallDialledOnAPhone:
    @pytest.fixture(autouse=True)
    def followed(self, translator: Translator) -> None:
        translator.follow(call_of(DIALPLAN), "phone")

    def test_dials_rings_and_talks(self, tell: Tell) -> None:
        assert tell(DialBegin, Uniqueid="phone", DestUniqueid="cust") == [
            signals.ChannelUp(at=NOW, channel="cust")
        ]
        assert tell(DialEnd, Uniqueid="phone", DestUniqueid="cust", DialStatus="ANSWER") == [
            signals.Answered(at=NOW, channel="cust"),
            signals.AgentBridged(at=NOW),
        ]

    def test_has_nothing_to_do_with_queues_and_rooms(self, tell: Tell) -> None:
        assert tell(QueueCallerJoin, Uniqueid="phone", Queue="SALES") == []
        assert tell(ConfbridgeJoin, Uniqueid="phone") == []


@pytest.mark.parametrize("kind", [Newchannel, Newstate, DialBegin, Hangup, OriginateResponse])
def test_channels_of_nobody_mean_nothing(tell: Tell, kind: type[AmiEvent]) -> None:
    assert tell(kind, Uniqueid="stranger", DestUniqueid="", ActionID="", ChannelState=UP) == []


def test_nothing_is_said_of_a_call_that_was_forgotten(tell: Tell, translator: Translator) -> None:
    translator.follow(call_of(AUTO))
    translator.follow(call_of(AUTO), "another channel")
    translator.follow(call_of(AUTO, id="call-2"))
    translator.forget("call-1")
    assert tell(Hangup, Uniqueid="call-1") == tell(Hangup, Uniqueid="another channel") == []
    assert [call for call, _ in translator.signals(ami_event(Hangup, Uniqueid="call-2"), NOW)] == ["call-2"]


@pytest.mark.parametrize("cause", ["", "x", "16.5", "-1", "\uff19"])
def test_a_cause_that_is_no_number_is_none(tell: Tell, translator: Translator, cause: str) -> None:
    translator.follow(call_of(AUTO))
    assert tell(Hangup, Uniqueid="call-1", Cause=cause) == [signals.HangupSeen(at=NOW, cause=0)]


IDS = ["call-1", "call-2", "call-3", "call-4", "channel", "stranger", ""]
JUNK = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=5)
HEADERS = st.fixed_dictionaries(
    {
        "Uniqueid": st.sampled_from(IDS),
        "DestUniqueid": st.sampled_from(IDS),
        "ActionID": st.sampled_from(IDS),
    },
    optional={
        "ChannelState": st.sampled_from(["4", "5", "6"]) | JUNK,
        "Cause": st.sampled_from(["0", "17", "99999999999999999999"]) | JUNK,
        "DialStatus": st.sampled_from(["RINGING", "ANSWER", "BUSY", "CONGESTION"]) | JUNK,
        "Response": st.sampled_from(["Success", "Failure"]) | JUNK,
        "Reason": JUNK,
        "Queue": JUNK,
        "Interface": st.sampled_from([MEMBER]) | JUNK,
    },
)
KINDS = st.sampled_from(
    [
        AgentConnect,
        AgentRingNoAnswer,
        ConfbridgeJoin,
        DialBegin,
        DialEnd,
        DialState,
        Hangup,
        Newchannel,
        Newstate,
        OriginateResponse,
        QueueCallerJoin,
        AmiEvent,
    ]
)


@given(st.lists(st.tuples(KINDS, HEADERS), max_size=30))
def test_whatever_asterisk_says_has_a_meaning_or_none(
    said: list[tuple[type[AmiEvent], dict[str, object]]],
) -> None:
    """No sequence of events, sound or not, breaks the translation or the calls that it is about."""
    translator = a_translator()
    calls = {f"call-{n}": call_of(kind, id=f"call-{n}") for n, kind in enumerate(CallKind, 1)}
    for call in calls.values():
        translator.follow(call)
        translator.follow(call, "channel")
    for kind, headers in said:
        for call_id, signal in translator.signals(ami_event(kind, **headers), NOW):
            calls[call_id] = state.step(calls[call_id], signal).call
