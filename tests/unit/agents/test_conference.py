"""The parties of an agent's call: what Asterisk is asked, what is written, what a lost link makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from agent_wishes import calls_of, talk
from core_bench import MAIN, STATED, Bench, ami_event, channel, refused
from hand_wishes import campaign

from bridge.agents.conference import Conference
from bridge.agents.model import AgentState
from bridge.agents.transfers import Transfers
from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.ami.events import CoreShowChannel, DialEnd, Hangup, QueueCallerJoin
from bridge.calls.model import Call, CallKind, CallState, room_half
from bridge.calls.snapshot import Snapshot
from bridge.campaigns.messages import STATED as MUST_STATE
from bridge.errors import (
    AsteriskRefused,
    AsteriskUnavailable,
    DialRefused,
    MessageNotAllowed,
    NoCall,
    NotLoggedIn,
    OriginateRefused,
    OriginateUnknown,
)
from bridge.services import DialRequest, Party

THIRD = "7275550200"


@pytest.fixture
def conference(bench: Bench) -> Conference:
    return bench.core.conference


@pytest.fixture
def transfers(bench: Bench) -> Transfers:
    return bench.core.transfers


def to(number: str = THIRD, **more: Any) -> DialRequest:
    return DialRequest(number=number, **more)


def sent(bench: Bench, name: str) -> Any:
    return bench.ami.named(name)[-1]


async def newest(bench: Bench) -> Call:
    return (await calls_of(bench))[0]


async def answers(bench: Bench, leg: Call, by: str = "third") -> Call:
    await bench.happens(ami_event(DialEnd, Uniqueid=leg.id, DestUniqueid=by, DialStatus="ANSWER"))
    return await bench.call(leg.id)


async def compare(bench: Bench, *rows: CoreShowChannel) -> None:
    await bench.core.calls.resync(MAIN, Snapshot(rows, taken=datetime.now(UTC), restarted=False))


def on_the_way(name: str) -> CoreShowChannel:
    return ami_event(CoreShowChannel, Uniqueid=name, ChannelState=6, BridgeId="", Context="bridge-pass")


class TestParking:
    async def test_what_sits_in_the_room_goes_to_the_music_and_back(
        self, bench: Bench, conference: Conference
    ) -> None:
        call = await talk(bench)
        await conference.park("1000", Party.CUSTOMER)
        assert (sent(bench, "Redirect").channel, sent(bench, "Redirect").context) == (
            room_half(call.id),
            "bridge-park",
        )
        assert (await bench.call(call.id)).parked_at is not None
        await conference.grab("1000", Party.CUSTOMER)
        assert (sent(bench, "Redirect").context, sent(bench, "Redirect").exten) == ("bridge-room", call.room)
        assert (await bench.call(call.id)).parked_at is None

    @pytest.mark.parametrize(
        ("fault", "error"), [(NotConnected("down"), AsteriskUnavailable), (refused(), AsteriskRefused)]
    )
    async def test_what_asterisk_does_not_do_changes_nothing(
        self, bench: Bench, conference: Conference, fault: Exception, error: type[Exception]
    ) -> None:
        call = await talk(bench)
        bench.ami.fails["Redirect"] = fault
        with pytest.raises(error):
            await conference.park("1000", Party.CUSTOMER)
        assert await bench.call(call.id) == call

    async def test_of_who_has_no_call_there_is_nobody_to_park(
        self, bench: Bench, conference: Conference
    ) -> None:
        with pytest.raises(NotLoggedIn):
            await conference.park("1000", Party.CUSTOMER)
        await bench.log_in()
        with pytest.raises(NoCall):
            await conference.park("1000", Party.CUSTOMER)

    async def test_a_third_party_that_is_not_there_is_passed_over(
        self, bench: Bench, conference: Conference, transfers: Transfers
    ) -> None:
        await talk(bench)
        before = len(bench.ami.sent)
        await conference.park("1000", Party.THIRD)
        await conference.hangup("1000", Party.THIRD)
        assert await transfers.leave("1000") is None
        assert len(bench.ami.sent) == before


class TestThirdParties:
    async def test_a_leg_is_a_call_of_its_own_out_of_her_room(
        self, bench: Bench, conference: Conference
    ) -> None:
        call = await talk(bench)
        await conference.dial_third("1000", [to()])
        leg = await newest(bench)
        assert (leg.kind, leg.parent, leg.session_id, leg.lead_id) == (
            CallKind.THREE_WAY,
            call.id,
            "",
            call.lead_id,
        )
        assert sent(bench, "Originate").channel == f"Local/{call.room}@bridge-room/n"
        assert (await answers(bench, leg)).state is CallState.BRIDGED
        assert (await bench.session("1000")).call_id == call.id

    async def test_the_gate_is_asked_for_each(self, bench: Bench, conference: Conference) -> None:
        await talk(bench)
        before = len(bench.ami.named("Originate"))
        with pytest.raises(DialRefused):
            await conference.dial_third("1000", [to("911")], park=True)
        assert (await newest(bench)).end_reason == "refused"
        assert len(bench.ami.named("Originate")) == before
        assert bench.ami.named("Redirect") == [], "nor is the customer parked for nothing"

    async def test_of_a_volley_the_first_that_answers_stays(
        self, bench: Bench, conference: Conference
    ) -> None:
        await talk(bench)
        await conference.dial_third("1000", [to("7275550201"), to("7275550202")])
        second, first, *_ = await calls_of(bench)
        await answers(bench, second)
        assert sent(bench, "Hangup").channel == first.id
        assert [leg.id for leg in await conference.third_parties("1000")] == [first.id, second.id]

    async def test_none_is_left_in_her_room_when_she_goes_on(
        self, bench: Bench, conference: Conference
    ) -> None:
        call = await talk(bench)
        await conference.dial_third("1000", [to()])
        leg = await answers(bench, await newest(bench))
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await bench.session("1000")).state is AgentState.PAUSED
        assert sent(bench, "Hangup").channel == leg.id

    async def test_an_in_group_is_asked_without_a_number(self, bench: Bench, conference: Conference) -> None:
        call = await talk(bench)
        await conference.consult("1000", "SALES", for_user="1001")
        leg = await newest(bench)
        assert (leg.kind, leg.consults, leg.for_user, leg.queue) == (CallKind.CLOSER, True, "1001", "SALES")
        originate = sent(bench, "Originate")
        assert (originate.context, originate.variables["BRIDGE_QUEUE"]) == ("bridge-consult", "SALES")
        await bench.happens(ami_event(QueueCallerJoin, Uniqueid=leg.id, Queue="SALES"))
        assert (await bench.call(leg.id)).state is CallState.QUEUED
        offer = bench.core.desk.agent_offer
        await bench.ready("1002")
        other = await bench.session("1002")
        assert not (await offer(other.room, leg.id, "Local/x;2", "SALES")).taken, "she is not the one"
        await bench.ready("1001")
        meant = await bench.session("1001")
        assert (await offer(meant.room, leg.id, "Local/y;2", "SALES")).taken
        assert (await bench.call(call.id)).state is CallState.BRIDGED


class TestPassingOn:
    async def test_to_a_number(self, bench: Bench, transfers: Transfers) -> None:
        call = await talk(bench)
        after = await transfers.to_number("1000", to())
        redirect = sent(bench, "Redirect")
        assert (redirect.channel, redirect.context, redirect.exten) == ("cust", "bridge-pass", after.id)
        told = {action.variable: action.value for action in bench.ami.named("Setvar") if action.channel}
        assert told["BRIDGE_DIAL"] == f"PJSIP/{THIRD}@carrier"
        assert (await bench.call(after.id)).state is CallState.DIALING
        over = await bench.call(call.id)
        assert (over.state, over.end_reason) == (CallState.DISPOSED, "passed_on")
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_the_end_of_her_channel_is_that_of_the_new_call(
        self, bench: Bench, transfers: Transfers
    ) -> None:
        call = await talk(bench)
        after = await transfers.to_queue("1000", "SALES")
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        await bench.happens(ami_event(QueueCallerJoin, Uniqueid="cust", Queue="SALES"))
        assert (await bench.call(after.id)).state is CallState.QUEUED
        await bench.happens(ami_event(Hangup, Uniqueid="cust", Cause=16))
        assert (await bench.call(after.id)).state is CallState.ENDED

    async def test_what_the_gate_refuses_leaves_her_where_she_is(
        self, bench: Bench, transfers: Transfers
    ) -> None:
        call = await talk(bench)
        with pytest.raises(DialRefused):
            await transfers.to_number("1000", to("911"))
        assert bench.ami.named("Redirect") == []
        assert await bench.call(call.id) == call

    async def test_what_asterisk_refuses_leaves_her_where_she_is(
        self, bench: Bench, transfers: Transfers
    ) -> None:
        call = await talk(bench)
        bench.ami.fails["Redirect"] = refused()
        bench.ami.rows = [channel(call.id, bridge="b"), channel("cust", bridge="b")]
        with pytest.raises(OriginateRefused):
            await transfers.to_number("1000", to())
        assert await bench.call(call.id) == call
        assert (await newest(bench)).state is CallState.DISPOSED
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await bench.call(call.id)).ended_at is not None, "its events are its own again"

    async def test_who_was_gone_before_is_not_waited_for(self, bench: Bench, transfers: Transfers) -> None:
        call = await talk(bench)
        bench.ami.fails["Setvar"] = refused()
        with pytest.raises(OriginateRefused):
            await transfers.to_queue("1000", "SALES")
        assert (await bench.call(call.id)).ended_at is not None

    @pytest.mark.parametrize("went", [True, False])
    async def test_after_a_lost_link_her_channel_tells(
        self, bench: Bench, transfers: Transfers, *, went: bool
    ) -> None:
        call = await talk(bench)
        bench.ami.fails["Redirect"] = OutcomeUnknown("lost")
        with pytest.raises(OriginateUnknown):
            await transfers.to_number("1000", to())
        after = await newest(bench)
        assert after.state is CallState.UNKNOWN
        assert (await bench.call(call.id)).state is CallState.BRIDGED, "nobody knows yet"
        if went:
            await compare(bench, on_the_way("cust"))
            assert (await bench.call(after.id)).state is CallState.DIALING
            assert (await bench.call(call.id)).ended_at is not None
        else:
            await compare(bench, channel(call.id, bridge="b"), channel("cust", bridge="b"))
            assert (await bench.call(after.id)).state is CallState.UNKNOWN, "it may still come"
            assert (await bench.call(call.id)).state is CallState.BRIDGED

    async def test_the_third_party_goes_with_her(
        self, bench: Bench, conference: Conference, transfers: Transfers
    ) -> None:
        call = await talk(bench)
        await conference.dial_third("1000", [to()])
        leg = await answers(bench, await newest(bench))
        left = await transfers.leave("1000")
        assert left is not None
        assert [(one.channel, one.context) for one in bench.ami.named("Redirect")] == [
            (leg.room_channel, "bridge-left"),
            ("cust", "bridge-pass"),
        ]
        assert (await bench.call(leg.id)).parent == left.id
        assert (await bench.call(leg.id)).state is CallState.BRIDGED, "she has left, it has not"
        assert (await bench.call(call.id)).end_reason == "passed_on"

    @pytest.mark.parametrize("gets_away", [True, False])
    async def test_word_that_she_is_gone_may_come_before_the_answer_that_she_was_sent(
        self,
        bench: Bench,
        conference: Conference,
        transfers: Transfers,
        monkeypatch: pytest.MonkeyPatch,
        *,
        gets_away: bool,
    ) -> None:
        await campaign(bench)  # without wrap-up
        call = await talk(bench)
        await conference.dial_third("1000", [to()])
        leg = await answers(bench, await newest(bench))
        send = bench.ami.send

        async def overtaken(action: Any, **more: Any) -> None:
            await send(action, **more)
            if action.name == "Redirect" and action.channel == "cust":
                await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
                assert (await bench.call(call.id)).state is CallState.DISPOSED
                assert (await bench.call(leg.id)).hangup_asked_at is None
                if not gets_away:
                    raise refused()

        monkeypatch.setattr(bench.ami, "send", overtaken)
        if gets_away:
            left = await transfers.leave("1000")
            assert left is not None
            third = await bench.call(leg.id)
            assert (third.parent, third.hangup_asked_at) == (left.id, None)
            assert (await bench.call(call.id)).end_reason == "passed_on"
        else:
            with pytest.raises(OriginateRefused):
                await transfers.leave("1000")
            third = await bench.call(leg.id)
            assert third.hangup_asked_at is not None, "nobody stays in the agent's room"

    async def test_her_messages_are_left(self, bench: Bench, transfers: Transfers) -> None:
        await talk(bench)
        left = await transfers.leave_message("1000")
        assert left.kind is CallKind.LEFT
        told = {action.variable: action.value for action in bench.ami.named("Setvar") if action.channel}
        assert (told["BRIDGE_PASS"], told["BRIDGE_SOUNDS"]) == ("to-message", "vm-goodbye")

    @pytest.mark.parametrize("missing", MUST_STATE)
    async def test_no_recording_is_left_while_the_campaign_has_not_stated_what_it_must(
        self, bench: Bench, transfers: Transfers, missing: str
    ) -> None:
        call = await talk(bench)
        await campaign(bench, **(STATED | {missing: ""}))
        before = len(bench.ami.sent)
        with pytest.raises(MessageNotAllowed, match=f"has not stated {missing}") as refused:
            await transfers.leave_message("1000")
        assert refused.value.details == {
            "rule": "message_statement",
            "campaign": "TEST",
            "missing": missing,
        }
        assert len(bench.ami.sent) == before
        assert await bench.call(call.id) == call, "she is still with her"


class TestFinishing:
    async def test_her_word_is_kept_and_she_waits_again(
        self, bench: Bench, conference: Conference, transfers: Transfers
    ) -> None:
        call = await talk(bench)
        await transfers.finish("1000", call.legacy_id, "RAXFER")
        await conference.hangup("1000", Party.CUSTOMER)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await bench.call(call.id)).status == "RAXFER"
        assert (await bench.session("1000")).state is AgentState.READY
