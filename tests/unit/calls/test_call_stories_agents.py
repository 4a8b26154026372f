"""What becomes of calls that are given to agents, told as it happens."""

from __future__ import annotations

from typing import Any

import pytest
from call_makers import LATER, NOW
from call_story import Story, bridged, hungup

from bridge.calls import notices, signals
from bridge.calls.effects import AwaitAgent, Emit, HangupChannel
from bridge.calls.errors import Reason, Refused
from bridge.calls.model import CallKind, CallState, StatusSource
from bridge.events.catalogue import CallQueued


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

    def test_whose_phone_is_rung_for_it_is_noted(self) -> None:
        offered = signals.Assign(
            at=NOW, session_id="s1", user="anna", room="8600051", room_channel="Local/x;2", extension="1000"
        )
        story = self.inbound()(offered)
        assert story.call.extension == "1000"
        story(signals.AgentGone(at=LATER, session_id="s1"))
        assert (story.call.extension, story.call.session_id) == ("", "")
        assert story.has(HangupChannel(channel="Local/x;2")), "it rings for nobody"

    @pytest.mark.parametrize("phone", ["s1", "s2"])
    def test_one_on_hook_who_hangs_up_ends_it(self, phone: str) -> None:
        story = bridged()(signals.AgentHungUp(at=LATER, session_id=phone))
        assert story.has(HangupChannel(channel="call-1")) == (phone == "s1")
        assert story.call.session_id == "s1", "her session goes on with its wrap-up"

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
