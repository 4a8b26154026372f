"""What becomes of calls, told as it happens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from call_makers import LATER, NOW, a_call

from bridge.calls import notices, signals
from bridge.calls.effects import (
    AwaitAgent,
    AwaitReport,
    AwaitTruth,
    Effect,
    Emit,
    HangupChannel,
    SendOriginate,
    StartWrapup,
    TellAgent,
)
from bridge.calls.errors import Reason, Refused
from bridge.calls.model import Call, CallKind, CallState, StatusSource
from bridge.calls.signals import Signal
from bridge.calls.state import begin, step
from bridge.events.catalogue import CallEnded, CallQueued, CallRefused


class Story:
    """A call, what happens to it, and all that was to be done about it."""

    def __init__(self, state: CallState = CallState.PLANNED, **changes: Any) -> None:
        self.call: Call = a_call(state, **changes)
        self.effects: list[Effect] = []

    def __call__(self, *happening: Signal) -> Story:
        for signal in happening:
            after = step(self.call, signal)
            self.call = after.call
            self.effects += after.effects
        return self

    @property
    def events(self) -> list[str]:
        return [effect.event.type for effect in self.effects if isinstance(effect, Emit)]

    @property
    def told(self) -> list[notices.Notice]:
        return [effect.notice for effect in self.effects if isinstance(effect, TellAgent)]

    def has(self, effect: Effect) -> bool:
        return effect in self.effects

    @property
    def disposition(self) -> tuple[str, StatusSource | None]:
        return self.call.status, self.call.status_source


def sent(**changes: Any) -> Story:
    return Story(**changes)(signals.Send(at=NOW), signals.OriginateAccepted(at=NOW))


def answered(**changes: Any) -> Story:
    return sent(**changes)(
        signals.ChannelUp(at=NOW, channel="cust"),
        signals.Ringing(at=NOW, channel="cust"),
        signals.Answered(at=NOW, channel="cust"),
    )


def bridged(**changes: Any) -> Story:
    return answered(**changes)(signals.AgentBridged(at=NOW))


def hungup(network_status: str = "", cause: int = 16) -> signals.HangupSeen:
    return signals.HangupSeen(at=LATER, cause=cause, network_status=network_status)


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


class TestAgents:
    def inbound(self) -> Story:
        return Story(kind=CallKind.INBOUND, session_id="", user="", room="")(
            signals.ChannelUp(at=NOW, channel="in-1"), signals.Queued(at=NOW, queue="sales")
        )

    def anna(self) -> signals.Assign:
        return signals.Assign(at=NOW, session_id="s1", user="anna", room="8600051")

    def test_waiting_caller_is_in_a_queue(self) -> None:
        story = self.inbound()
        assert story.call.queue == "sales"
        queued = [e.event for e in story.effects if isinstance(e, Emit) and isinstance(e.event, CallQueued)]
        assert [event.queue for event in queued] == ["sales"]

    def test_offered_and_bridged(self) -> None:
        story = self.inbound()(self.anna(), signals.AgentBridged(at=LATER, session_id="s1"))
        assert (story.call.user, story.call.room) == ("anna", "8600051")
        assert story.told == [notices.Bridged(at=LATER, call_id="call-1")]

    def test_bridge_names_an_agent_whom_we_did_not_choose(self) -> None:
        seen = signals.AgentBridged(at=LATER, session_id="s2", user="bert", room="8600052")
        story = self.inbound()(seen)
        assert (story.call.session_id, story.call.user) == ("s2", "bert")

    def test_nobody_else_can_take_it(self) -> None:
        story = self.inbound()(self.anna())
        with pytest.raises(Refused) as caught:
            story(signals.Assign(at=NOW, session_id="s2", user="bert", room="8600052"))
        assert caught.value.reason is Reason.TAKEN

    def test_goes_back_to_the_queue(self) -> None:
        story = self.inbound()(self.anna(), signals.Unassign(at=NOW, session_id="s1"))
        assert (story.call.session_id, story.call.state) == ("", CallState.QUEUED)
        assert story.told == [notices.OfferFailed(at=NOW, call_id="call-1")]

    def test_an_offer_has_a_deadline(self) -> None:
        story = self.inbound()(self.anna())
        assert story.has(AwaitAgent(session_id="s1"))
        story.effects.clear()
        story(signals.SnapshotPresent(at=LATER, seen=CallState.QUEUED))
        assert story.effects == [AwaitAgent(session_id="s1")], "that it failed may have been missed"

    def test_the_deadline_is_nothing_to_a_call_that_she_has(self) -> None:
        story = self.inbound()(self.anna(), signals.AgentBridged(at=NOW, session_id="s1"))
        before = story.call
        assert story(signals.Unassign(at=LATER, session_id="s1")).call is before

    def test_somebody_elses_refusal_is_no_matter(self) -> None:
        story = self.inbound()(self.anna(), signals.Unassign(at=NOW, session_id="s2"))
        assert story.call.session_id == "s1"

    @pytest.mark.parametrize("nobody", [signals.Unassign, signals.AgentGone])
    def test_news_of_nobody(self, nobody: Any) -> None:
        story = self.inbound()
        before = story.call
        assert story(nobody(at=NOW, session_id="")).call is before
        assert story.told == []

    def test_is_not_given_away_while_it_is_hung_up(self) -> None:
        story = self.inbound()(signals.HangupAsked(at=NOW))
        with pytest.raises(Refused) as caught:
            story(self.anna())
        assert caught.value.reason is Reason.OVER

    def test_caller_gives_up_while_offered(self) -> None:
        story = self.inbound()(self.anna(), hungup("XDROP"))
        assert story.disposition == ("XDROP", StatusSource.NETWORK)
        assert story.told == [notices.CallOver(at=LATER, call_id="call-1", wrapup=False)]

    def test_caller_gives_up_while_offered_and_the_report_is_late(self) -> None:
        story = self.inbound()(self.anna(), hungup())
        assert story.told == [notices.CallOver(at=LATER, call_id="call-1", wrapup=False)]
        story(signals.Report(at=LATER, network_status="XDROP"))
        assert story.disposition == ("XDROP", StatusSource.NETWORK)

    def test_agent_gone_in_talk(self) -> None:
        story = bridged()(signals.AgentGone(at=NOW, session_id="s1"))
        assert story.has(HangupChannel(channel="call-1"))
        story(hungup())
        assert story.disposition == ("NP", StatusSource.CAMPAIGN)
        assert story.call.user == "anna"

    def test_agent_gone_in_wrapup(self) -> None:
        story = bridged()(hungup(), signals.AgentGone(at=LATER, session_id="s1"))
        assert story.disposition == ("NP", StatusSource.CAMPAIGN)

    def test_agent_gone_with_a_word_said(self) -> None:
        word = signals.AgentStatus(at=NOW, status="SALE")
        story = bridged()(word, signals.AgentGone(at=NOW, session_id="s1"), hungup())
        assert story.disposition == ("SALE", StatusSource.AGENT)

    def test_agent_gone_while_offered_lets_the_caller_wait_on(self) -> None:
        story = self.inbound()(self.anna(), signals.AgentGone(at=NOW, session_id="s1"))
        assert (story.call.session_id, story.call.state) == ("", CallState.QUEUED)
        assert not any(isinstance(effect, HangupChannel) for effect in story.effects)

    def test_agent_gone_just_before_the_customer_comes_into_her_room(self) -> None:
        auto = Story(kind=CallKind.AUTO, session_id="", user="", room="")(
            signals.Send(at=NOW), signals.Answered(at=NOW), self.anna()
        )
        auto(signals.AgentGone(at=NOW, session_id="s1"), signals.AgentBridged(at=LATER))
        assert auto.has(HangupChannel(channel="call-1")), "nobody is left alone in a room"
        caller = self.inbound()(self.anna(), signals.AgentGone(at=NOW, session_id="s1"))
        caller(signals.AgentBridged(at=LATER, alone=True))
        assert caller.has(HangupChannel(channel="in-1"))

    def test_a_caller_whom_somebody_else_of_the_queue_takes_is_left_in_peace(self) -> None:
        story = self.inbound()(signals.AgentBridged(at=LATER))
        assert story.call.state is CallState.BRIDGED
        assert not any(isinstance(effect, HangupChannel) for effect in story.effects)

    def test_agent_gone_before_her_call_was_sent(self) -> None:
        story = Story()(signals.AgentGone(at=NOW, session_id="s1"))
        assert story.call.end_reason == "cancelled"
        with pytest.raises(Refused):
            story(signals.Send(at=LATER))

    def test_another_agent_gone_is_no_matter(self) -> None:
        story = bridged()
        before = story.call
        assert story(signals.AgentGone(at=NOW, session_id="s2")).call is before


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
