"""What becomes of calls, told as it happens: from the wish to the disposition."""

from __future__ import annotations

from datetime import timedelta

import pytest
from call_makers import LATER, NOW, a_call
from call_story import Story, answered, bridged, hungup, sent

from bridge.calls import notices, signals
from bridge.calls.effects import AwaitReport, Emit, SendOriginate, StartWrapup
from bridge.calls.errors import Reason, Refused
from bridge.calls.model import CallKind, CallState, StatusSource
from bridge.calls.state import begin
from bridge.events.catalogue import CallRefused


class TestManualCall:
    def test_begins_with_its_intent(self) -> None:
        (planned,) = begin(a_call(CallState.PLANNED)).effects
        assert isinstance(planned, Emit)
        assert planned.event.type == "call.planned"
        assert planned.at == NOW

    def test_from_wish_to_disposition(self) -> None:
        story = bridged()(hungup())
        assert story.call.state is CallState.ENDED
        assert story.has(StartWrapup(seconds=30))
        story(signals.AgentStatus(at=LATER, status="SALE"))
        assert story.disposition == ("SALE", StatusSource.AGENT)
        assert story.events == [
            "call.dialing",
            "call.ringing",
            "call.answered",
            "call.bridged",
            "call.ended",
            "call.disposed",
        ]
        assert [type(notice).__name__ for notice in story.told] == ["Bridged", "CallOver", "Disposed"]
        assert story.call.channel == "cust"

    def test_times_are_those_of_the_signals(self) -> None:
        call = bridged()(hungup()).call
        stamps = [call.sent_at, call.dialing_at, call.ringing_at, call.answered_at, call.bridged_at]
        assert stamps == [NOW] * 5
        assert call.ended_at == LATER
        assert call.disposed_at is None

    def test_word_before_the_end_wins_and_leaves_no_wrapup(self) -> None:
        story = bridged()(signals.AgentStatus(at=NOW, status="NI"), hungup("NA"))
        assert story.disposition == ("NI", StatusSource.AGENT)
        assert story.told[-1] == notices.CallOver(at=LATER, call_id="call-1", wrapup=False)

    def test_last_word_before_the_end_counts(self) -> None:
        words = [signals.AgentStatus(at=NOW, status=status) for status in ("NI", "SALE")]
        assert bridged()(*words, hungup()).disposition == ("SALE", StatusSource.AGENT)

    def test_no_word_in_time(self) -> None:
        story = bridged()(hungup(), signals.WrapupOver(at=LATER))
        assert story.disposition == ("NP", StatusSource.CAMPAIGN)
        assert story.told[-1] == notices.Disposed(at=LATER, call_id="call-1")

    def test_campaign_without_wrapup_disposes_at_once(self) -> None:
        story = bridged(wrapup_seconds=0)(hungup("PU"))
        assert story.disposition == ("NP", StatusSource.CAMPAIGN)
        assert story.told[-1] == notices.CallOver(at=LATER, call_id="call-1", wrapup=False)

    def test_campaign_without_a_default(self) -> None:
        story = bridged(default_status="")(hungup(), signals.WrapupOver(at=LATER))
        assert story.disposition == ("DISPO", StatusSource.CAMPAIGN)

    def test_answered_is_with_the_agent_though_nobody_saw_the_bridge(self) -> None:
        story = answered()(hungup("PU"))
        assert story.call.state is CallState.ENDED
        assert story.has(StartWrapup(seconds=30))

    def test_second_disposition_is_refused(self) -> None:
        story = bridged()(hungup(), signals.AgentStatus(at=LATER, status="SALE"))
        with pytest.raises(Refused) as caught:
            story(signals.AgentStatus(at=LATER, status="DNC"))
        assert caught.value.reason is Reason.DISPOSED
        assert story.call.status == "SALE"


class TestNeverAnswered:
    @pytest.mark.parametrize("status", ["AB", "NA", "ADC"])
    def test_network_disposes_at_once(self, status: str) -> None:
        story = sent()(signals.ChannelUp(at=NOW), hungup(status, 17))
        assert story.disposition == (status, StatusSource.NETWORK)
        assert story.call.hangup_cause == 17
        assert story.told == [notices.CallOver(at=LATER, call_id="call-1", wrapup=False)]

    def test_the_agents_word_wins(self) -> None:
        story = sent()(signals.AgentStatus(at=NOW, status="B"), hungup("AB", 17))
        assert story.disposition == ("B", StatusSource.AGENT)
        assert story.call.network_status == "AB"

    def test_a_hangup_that_says_nothing_waits_for_the_report(self) -> None:
        story = sent()(hungup(cause=0))
        assert story.call.state is CallState.ENDED
        assert story.has(AwaitReport())
        report = signals.Report(at=LATER, dial_status="BUSY", cause=17, network_status="AB")
        story(report)
        assert story.disposition == ("AB", StatusSource.NETWORK)
        assert story.call.dial_status == "BUSY"
        assert story.events.count("call.ended") == 1

    def test_the_agent_can_speak_while_the_report_is_awaited(self) -> None:
        story = sent()(hungup(), signals.AgentStatus(at=LATER, status="B"))
        assert story.disposition == ("B", StatusSource.AGENT)
        assert [type(notice).__name__ for notice in story.told] == ["CallOver", "Disposed"]

    def test_no_report_comes(self) -> None:
        story = sent()(hungup(), signals.WrapupOver(at=LATER, default_status="NA"))
        assert story.disposition == ("NA", StatusSource.CAMPAIGN)

    def test_late_copy_of_a_report_changes_nothing(self) -> None:
        report = signals.Report(at=LATER, dial_status="BUSY", cause=17, network_status="AB")
        story = sent()(report)
        before = story.call
        assert story(report, hungup("NA", 19)).call is before

    def test_originate_that_fails_says_why(self) -> None:
        failed = signals.OriginateFailed(at=LATER, reason="originate_refused", network_status="ADC")
        story = sent(kind=CallKind.AUTO)(failed)
        assert story.call.end_reason == "originate_refused"
        assert story.disposition == ("ADC", StatusSource.NETWORK)

    def test_failure_reported_for_an_answered_call_is_not_its_own(self) -> None:
        story = answered()
        assert story(signals.OriginateFailed(at=LATER)).call.state is CallState.ANSWERED


class TestGate:
    def test_forbidden(self) -> None:
        rule = signals.Forbid(
            at=NOW, rule="dnc_system", why="on the list", source="47 CFR", network_status="DNCL"
        )
        story = Story()(rule)
        assert story.disposition == ("DNCL", StatusSource.NETWORK)
        assert story.events == ["call.refused", "call.ended", "call.disposed"]
        (refused,) = [
            e.event for e in story.effects if isinstance(e, Emit) and isinstance(e.event, CallRefused)
        ]
        assert (refused.rule, refused.why, refused.source) == ("dnc_system", "on the list", "47 CFR")
        assert SendOriginate() not in story.effects

    def test_too_late_to_forbid(self) -> None:
        with pytest.raises(Refused) as caught:
            sent()(signals.Forbid(at=NOW, rule="dnc_system"))
        assert caught.value.reason is Reason.ALREADY_SENT


def test_news_out_of_order_moves_only_forward() -> None:
    story = sent()(
        signals.Answered(at=NOW),
        signals.Ringing(at=LATER),
        signals.ChannelUp(at=LATER + timedelta(seconds=1)),
    )
    assert story.call.state is CallState.ANSWERED
    assert story.events == ["call.answered"]


def test_the_customers_channel_is_learnt_late_and_only_once() -> None:
    story = sent()(signals.ChannelUp(at=NOW), signals.Ringing(at=NOW, channel="cust"))
    story(signals.Answered(at=NOW, channel="other"))
    assert story.call.channel == "cust"
