"""What becomes of calls over a lost link and a hang-up, told as it happens."""

from __future__ import annotations

import pytest
from call_makers import LATER, NOW
from call_story import Story, bridged, hungup, sent

from bridge.calls import notices, signals
from bridge.calls.effects import AwaitTruth, Emit, HangupChannel, SendOriginate
from bridge.calls.errors import Reason, Refused
from bridge.calls.model import CallKind, CallState, StatusSource
from bridge.events.catalogue import CallEnded


class TestLinkLost:
    def test_call_in_flight_is_unknown_and_never_sent_again(self) -> None:
        story = sent()(signals.LinkLost(at=NOW))
        assert story.call.state is CallState.UNKNOWN
        assert story.has(AwaitTruth())
        with pytest.raises(Refused):
            story(signals.Send(at=LATER))
        assert story.effects.count(SendOriginate()) == 1

    def test_found_again(self) -> None:
        seen = signals.SnapshotPresent(at=LATER, seen=CallState.RINGING, channel="cust")
        story = sent()(signals.LinkLost(at=NOW), seen)
        assert story.call.state is CallState.RINGING
        emitted = [effect.event for effect in story.effects if isinstance(effect, Emit)]
        assert getattr(emitted[-1], "cause", None) == "resync"

    def test_found_in_talk(self) -> None:
        seen = signals.SnapshotPresent(at=LATER, seen=CallState.BRIDGED, channel="cust")
        story = sent()(signals.LinkLost(at=NOW), seen)
        assert story.told == [notices.Bridged(at=LATER, call_id="call-1", cause="resync")]
        assert story.call.answered_at == LATER

    def test_not_found_yet_is_still_unknown(self) -> None:
        story = sent()(signals.LinkLost(at=NOW), signals.SnapshotAbsent(at=LATER))
        assert story.call.state is CallState.UNKNOWN

    def test_given_up(self) -> None:
        story = sent()(signals.LinkLost(at=NOW), signals.GiveUp(at=LATER))
        assert story.call.end_reason == "failed_unknown"
        assert story.disposition == ("NP", StatusSource.CAMPAIGN)
        assert story.told == [notices.CallOver(at=LATER, call_id="call-1", wrapup=False)]

    @pytest.mark.parametrize(
        "sign", [signals.ChannelUp, signals.Ringing, signals.Answered, signals.AgentBridged]
    )
    def test_given_up_and_rings_after_all(self, sign: type[signals.Sight]) -> None:
        story = sent()(signals.LinkLost(at=NOW), signals.GiveUp(at=LATER))
        before = story.call
        story(sign(at=LATER))
        assert story.effects[-1] == HangupChannel(channel="call-1")
        assert story.call is before

    def test_asterisk_started_anew(self) -> None:
        story = sent()(signals.SnapshotAbsent(at=LATER, asterisk_restarted=True, network_status="NA"))
        assert story.call.end_reason == "asterisk_restarted"
        assert story.call.state is CallState.DISPOSED

    def test_ended_while_away(self) -> None:
        story = bridged()(signals.SnapshotAbsent(at=LATER))
        assert story.call.end_reason == "ended_while_away"
        ended = [e.event for e in story.effects if isinstance(e, Emit) and isinstance(e.event, CallEnded)]
        assert [event.cause for event in ended] == ["resync"]
        assert story.told[-1] == notices.CallOver(at=LATER, call_id="call-1", wrapup=True, cause="resync")

    def test_snapshot_never_moves_a_call_back(self) -> None:
        story = bridged()
        seen = signals.SnapshotPresent(at=LATER, seen=CallState.DIALING)
        assert story(seen).call.state is CallState.BRIDGED


class TestHangUp:
    def test_not_sent_yet(self) -> None:
        story = Story()(signals.HangupAsked(at=LATER))
        assert story.call.end_reason == "cancelled"
        assert story.call.state is CallState.DISPOSED
        assert not any(isinstance(effect, HangupChannel) for effect in story.effects)

    def test_wish_outlives_a_channel_that_is_not_there_yet(self) -> None:
        story = sent()(signals.HangupAsked(at=NOW))
        story.effects.clear()
        story(signals.ChannelUp(at=LATER))
        assert story.has(HangupChannel(channel="call-1"))

    def test_wish_outlives_a_gap(self) -> None:
        story = bridged()(signals.HangupAsked(at=NOW))
        story.effects.clear()
        story(signals.SnapshotPresent(at=LATER, seen=CallState.BRIDGED))
        assert story.effects == [HangupChannel(channel="call-1")]

    def test_asked_twice_is_tried_twice(self) -> None:
        story = bridged()(signals.HangupAsked(at=NOW), signals.HangupAsked(at=LATER))
        assert story.effects.count(HangupChannel(channel="call-1")) == 2
        assert story.call.hangup_asked_at == NOW

    def test_inbound_is_hung_up_by_the_customers_channel(self) -> None:
        story = Story(kind=CallKind.INBOUND, session_id="", user="")
        story(signals.ChannelUp(at=NOW, channel="in-1"), signals.HangupAsked(at=NOW))
        assert story.effects[-1] == HangupChannel(channel="in-1")

    def test_over_is_over(self) -> None:
        with pytest.raises(Refused) as caught:
            bridged()(hungup(), signals.HangupAsked(at=LATER))
        assert caught.value.reason is Reason.OVER
