"""The desk between the dialplan and calls and agents: nobody is lost, and nobody is given away twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from core_bench import CUSTOMER, EAST, MAIN, Bench, ami_event

from bridge.agents.model import AgentState
from bridge.agi.desk import (
    AnswerDecision,
    CallReport,
    CallStart,
    InboundCall,
    InboundDecision,
    OfferDecision,
    StartDecision,
)
from bridge.ami.errors import NotConnected
from bridge.ami.events import (
    AgentConnect,
    AgentRingNoAnswer,
    ConfbridgeJoin,
    DialBegin,
    DialEnd,
    Hangup,
    Newchannel,
    Newstate,
    QueueCallerJoin,
)
from bridge.calls import queries
from bridge.calls.model import Call, CallKind, CallState
from bridge.calls.translate import UP
from bridge.campaigns.model import Campaign
from bridge.desk import Desk
from bridge.leads.model import NewLead
from bridge.services import CallQuery

PHONE = "1732420800.17"
MEMBER = "Local/8600051@bridge-offer/n"

CLOSED_TEST, CLOSED_DEFAULT = (
    Campaign(id=name, trunk="carrier", active=False) for name in ("TEST", "default")
)


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return bench.core.desk


async def answered(bench: Bench, campaign: str = "TEST") -> Call:
    """An automatic call that the customer has just answered."""
    call = await bench.dial(campaign)
    await bench.happens(
        ami_event(Newchannel, Uniqueid=call.id), ami_event(Newstate, Uniqueid=call.id, ChannelState=UP)
    )
    return await bench.call(call.id)


async def caller(bench: Bench, channel: str = PHONE, number: str = CUSTOMER) -> InboundDecision:
    """A customer calls us and waits in the queue."""
    found = await bench.core.desk.inbound(
        InboundCall(did="7275551234", channel="PJSIP/carrier-1", unique_id=channel, caller_number=number)
    )
    await bench.happens(
        ami_event(Newchannel, Uniqueid=channel), ami_event(QueueCallerJoin, Uniqueid=channel, Queue="SALES")
    )
    return found


async def all_calls(bench: Bench) -> list[Call]:
    return list(await bench.core.call_commands.list(CallQuery()))


def start(number: str = CUSTOMER, **more: Any) -> CallStart:
    return CallStart(**({"channel": "PJSIP/1000-1", "unique_id": PHONE, "number": number} | more))


async def at_the_same_time(*questions: Callable[[], Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*(question() for question in questions)))


class TestAnAnsweredCall:
    async def test_goes_to_the_agent_who_has_been_ready_longest(self, bench: Bench, desk: Desk) -> None:
        first = await bench.ready("1001")
        await bench.ready("1000")
        call = await answered(bench)
        assert await desk.call_answered(call.id, "") == AnswerDecision.join(first.room)
        session = await bench.session("1001")
        assert (session.state, session.call_id) == (AgentState.OFFERED, call.id)
        taken = await bench.call(call.id)
        assert (taken.user, taken.session_id, taken.room) == ("1001", first.id, first.room)

    async def test_asked_again_is_answered_the_same(self, bench: Bench, desk: Desk) -> None:
        await bench.ready("1000")
        await bench.ready("1001")
        call = await answered(bench)
        first = await desk.call_answered(call.id, "")
        assert await desk.call_answered(call.id, "") == first
        assert (await bench.session("1001")).state is AgentState.READY

    async def test_is_given_to_agents_of_its_campaign_and_asterisk_only(
        self, bench: Bench, desk: Desk
    ) -> None:
        await bench.ready("1000", "TEST")
        await bench.ready("2000", "QUICK", on="east")
        await bench.log_in("1001", "QUICK")
        call = await answered(bench, "QUICK")
        assert (await desk.call_answered(call.id, "")).action == "drop"

    async def test_waits_for_the_next_agent_who_is_ready(self, bench: Bench, desk: Desk) -> None:
        session = await bench.log_in("1000")
        call = await answered(bench)
        asking = asyncio.create_task(desk.call_answered(call.id, ""))
        await bench.core.agent_commands.resume("1000", asked_by="")
        assert await asyncio.wait_for(asking, 2) == AnswerDecision.join(session.room)

    async def test_is_dropped_with_the_campaigns_message_if_nobody_is(self, bench: Bench, desk: Desk) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()  # her time runs from the answer, which is before the question
        call = await answered(bench, "QUICK")
        assert await desk.call_answered(call.id, "") == AnswerDecision.drop("sorry")
        assert loop.time() - began >= 0.045, "she had the campaign's time"

    async def test_is_asked_about_again_if_the_campaign_waits_longer_than_a_relay(
        self, bench: Bench, desk: Desk
    ) -> None:
        call = await answered(bench)
        assert await desk.call_answered(call.id, "", 0.02) == AnswerDecision.wait_for(0)
        long_ago = msgspec.structs.replace(call, answered_at=call.asked_at - timedelta(seconds=5))
        await bench.core.db.write(lambda tx: queries.save(tx.conn, long_ago))
        assert (await desk.call_answered(call.id, "", 0.02)).action == "drop", (
            "the time runs since the answer"
        )

    async def test_is_known_to_be_answered_though_no_event_says_so(self, bench: Bench, desk: Desk) -> None:
        """AMI is lost: the time until she is dropped runs all the same."""
        call = await bench.dial("TEST")
        assert (await desk.call_answered(call.id, "", 0.02)).action == "wait"
        after = await bench.call(call.id)
        assert (after.state, after.answered_at is None) == (CallState.ANSWERED, False)

    async def test_takes_nobody_once_whoever_asked_has_given_up(self, bench: Bench, desk: Desk) -> None:
        await bench.ready("1000")
        call = await answered(bench)
        assert (await desk.call_answered(call.id, "", -0.001)).action != "room"
        assert (await bench.session("1000")).state is AgentState.READY
        assert (await desk.call_answered(call.id, "", 1)).action == "room"

    async def test_that_is_over_gets_nobody(self, bench: Bench, desk: Desk) -> None:
        await bench.ready("1000")
        call = await answered(bench)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        assert (await desk.call_answered(call.id, "")).action == "drop"
        assert (await desk.call_answered("nobody knows it", "")).action == "drop"
        assert (await bench.session("1000")).state is AgentState.READY

    async def test_that_ends_while_it_waits_gets_nobody(self, bench: Bench, desk: Desk) -> None:
        await bench.log_in("1000")
        call = await answered(bench)
        asking = asyncio.create_task(desk.call_answered(call.id, ""))
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        await bench.core.agent_commands.resume("1000", asked_by="")
        assert (await asyncio.wait_for(asking, 2)).action == "drop"
        assert (await bench.session("1000")).state is AgentState.READY

    async def test_that_somebody_hangs_up_gets_nobody(self, bench: Bench, desk: Desk) -> None:
        await bench.ready("1000")
        call = await answered(bench)
        await bench.core.call_commands.hangup(call.id, asked_by="")
        assert (await desk.call_answered(call.id, "")).action == "drop"
        assert (await bench.session("1000")).state is AgentState.READY

    async def test_reaches_its_agent_though_asterisk_cannot_be_told(self, bench: Bench, desk: Desk) -> None:
        """AMI is lost, AGI is not: the agent is taken, and the dialplan can send the customer to her."""
        session = await bench.ready("1000")
        call = await answered(bench)
        bench.ami.fails["Setvar"] = NotConnected()
        assert await desk.call_answered(call.id, "") == AnswerDecision.join(session.room)

    async def test_and_its_agent_hear_each_other(self, bench: Bench, desk: Desk) -> None:
        await bench.ready("1000")
        call = await answered(bench)
        await desk.call_answered(call.id, "")
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=call.id))
        assert (await bench.call(call.id)).state is CallState.BRIDGED
        assert (await bench.session("1000")).state is AgentState.INCALL

    @pytest.mark.parametrize("answers", [2, 4])
    async def test_two_of_them_never_get_one_agent(self, any_bench: Bench, answers: int) -> None:
        bench, desk = any_bench, any_bench.core.desk
        rooms = {(await bench.ready(user, "QUICK")).room for user in ("1000", "1001")}
        calls = [await answered(bench, "QUICK") for _ in range(answers)]
        found = await asyncio.gather(*(desk.call_answered(call.id, "") for call in calls))
        joined = [decision.room for decision in found if decision.action == "room"]
        assert len(joined) == len(set(joined)) == min(answers, 2)
        assert set(joined) <= rooms
        for session in await bench.core.agent_commands.sessions():
            mine = [call for call in await all_calls(bench) if call.session_id == session.id]
            assert [call.id for call in mine] == ([session.call_id] if session.call_id else [])

    async def test_one_never_gets_two_agents(self, any_bench: Bench) -> None:
        """The relay asks twice at once: through two bridges, say."""
        bench, desk = any_bench, any_bench.core.desk
        for user in ("1000", "1001", "1002"):
            await bench.ready(user)
        call = await answered(bench)
        found = await asyncio.gather(*(desk.call_answered(call.id, "") for _ in range(4)))
        assert len({decision.room for decision in found}) == 1
        states = [session.state for session in await bench.core.agent_commands.sessions()]
        assert states.count(AgentState.OFFERED) == 1

    @pytest.mark.parametrize("lead", [-0.004, 0.0, 0.004])
    async def test_agent_who_is_ready_when_the_time_is_up_is_given_or_free(
        self, bench: Bench, desk: Desk, lead: float
    ) -> None:
        """Whichever of the two comes first: who is taken is joined, and who is not joined is not taken."""
        await bench.log_in("1000", "QUICK")
        call = await answered(bench, "QUICK")
        loop = asyncio.get_running_loop()
        asking = asyncio.create_task(desk.call_answered(call.id, ""))
        resumed = loop.create_future()
        loop.call_later(0.05 - lead, resumed.set_result, None)
        await resumed
        await bench.core.agent_commands.resume("1000", asked_by="")
        decision = await asyncio.wait_for(asking, 2)
        session = await bench.session("1000")
        if decision.action == "room":
            assert (session.state, session.call_id) == (AgentState.OFFERED, call.id)
        else:
            assert (session.state, session.call_id) == (AgentState.READY, None)
            assert (await bench.call(call.id)).session_id == ""

    async def test_time_that_is_up_in_mid_taking_takes_nobody_away(
        self, bench: Bench, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The store is slow: the drop time passes while the agent is being taken."""
        session = await bench.ready("1000", "QUICK")
        call = await answered(bench, "QUICK")
        write = bench.core.db.write

        async def slow(work: Any) -> Any:
            done = await write(work)
            await asyncio.sleep(0.1)  # longer than the campaign's drop time
            return done

        monkeypatch.setattr(bench.core.db, "write", slow)
        assert await desk.call_answered(call.id, "") == AnswerDecision.join(session.room)
        assert (await bench.session("1000")).call_id == call.id


class TestTwoAsterisks:
    """Unique ids, rooms and phones have the same names on each."""

    async def test_a_caller_belongs_to_the_one_on_which_she_called(self, bench: Bench) -> None:
        here, there = (bench.core.desks[name] for name in (MAIN, EAST))
        call = InboundCall(did="7275551234", channel="PJSIP/x-1", unique_id=PHONE, caller_number=CUSTOMER)
        first, second = await here.inbound(call), await there.inbound(call)
        assert first.call_id != second.call_id
        assert [(await bench.call(one.call_id)).asterisk for one in (first, second)] == [MAIN, EAST]
        assert await there.inbound(call) == second, "asked again"

    async def test_a_caller_is_offered_to_the_agent_in_that_room_there(self, bench: Bench) -> None:
        here, there = await bench.ready("1000"), await bench.ready("2000", on=EAST)
        assert here.room == there.room
        desk = bench.core.desks[EAST]
        call = InboundCall(did="7275551234", channel="PJSIP/x-1", unique_id=PHONE, caller_number=CUSTOMER)
        offered = await desk.inbound(call)
        assert (await desk.agent_offer(there.room, offered.call_id, "", "SALES")).taken
        assert (await bench.session("2000")).call_id == offered.call_id
        assert (await bench.session("1000")).state is AgentState.READY

    async def test_a_report_ends_the_call_on_that_channel_there(self, bench: Bench) -> None:
        here, there = (bench.core.desks[name] for name in (MAIN, EAST))
        call = InboundCall(did="7275551234", channel="PJSIP/x-1", unique_id=PHONE, caller_number=CUSTOMER)
        first, second = await here.inbound(call), await there.inbound(call)
        await there.call_end(CallReport("", unique_id=PHONE, hangupcause=16))
        assert (await bench.call(first.call_id)).state is not CallState.DISPOSED
        assert (await bench.call(second.call_id)).ended_at is not None

    async def test_a_phone_there_is_not_the_agents_phone_here(self, bench: Bench) -> None:
        await bench.ready("1000", "WRAPUP")
        found = await bench.core.desks[EAST].call_start(start(phone="1000"))
        assert (found.allowed, found.reason) == (False, "trunk_elsewhere"), "of campaign `default`"

    async def test_what_is_dialled_on_a_phone_leaves_there(self, bench: Bench) -> None:
        await bench.ready("2000", "EAST", on=EAST)
        found = await bench.core.desks[EAST].call_start(start(phone="2000"))
        assert (found.allowed, found.dial) == (True, "PJSIP/7275550100@east")
        assert (await bench.call(found.call_id)).asterisk == EAST
        assert (await bench.core.desk.call_start(start(unique_id="1.9", phone="2000"))).allowed, "`default`"


class TestAnOffer:
    async def test_takes_the_agent_of_the_room(self, bench: Bench, desk: Desk) -> None:
        session = await bench.ready("1000")
        call = await caller(bench)
        assert await desk.agent_offer(session.room, call.call_id, "", "SALES") == OfferDecision.take(
            session.room
        )
        assert (await bench.session("1000")).state is AgentState.OFFERED

    async def test_asked_again_is_answered_the_same(self, bench: Bench, desk: Desk) -> None:
        session = await bench.ready("1000")
        call = await caller(bench)
        for _ in range(2):
            assert (await desk.agent_offer(session.room, call.call_id, "", "SALES")).taken

    async def test_of_an_agent_who_is_not_ready_is_busy(self, bench: Bench, desk: Desk) -> None:
        session = await bench.log_in("1000")
        call = await caller(bench)
        assert await desk.agent_offer(session.room, call.call_id, "", "SALES") == OfferDecision.busy("busy")
        assert (await bench.call(call.call_id)).session_id == "", "the queue tries the next"

    @pytest.mark.parametrize(("room", "call_id"), [("8600999", None), (None, "nobody"), ("", "")])
    async def test_of_what_is_not_known_is_busy(
        self, bench: Bench, desk: Desk, room: str | None, call_id: str | None
    ) -> None:
        session = await bench.ready("1000")
        call = await caller(bench)
        found = await desk.agent_offer(
            session.room if room is None else room, call.call_id if call_id is None else call_id, "", ""
        )
        assert found == OfferDecision.busy("unknown")

    async def test_of_a_caller_who_is_taken_is_busy(self, bench: Bench, desk: Desk) -> None:
        first, second = await bench.ready("1000"), await bench.ready("1001")
        call = await caller(bench)
        assert (await desk.agent_offer(first.room, call.call_id, "", "")).taken
        assert await desk.agent_offer(second.room, call.call_id, "", "") == OfferDecision.busy("taken")
        assert (await bench.session("1001")).state is AgentState.READY

    async def test_of_a_caller_who_has_left_is_busy(self, bench: Bench, desk: Desk) -> None:
        session = await bench.ready("1000")
        call = await caller(bench)
        await bench.happens(ami_event(Hangup, Uniqueid=PHONE))
        assert not (await desk.agent_offer(session.room, call.call_id, "", "")).taken
        assert (await bench.session("1000")).state is AgentState.READY

    async def test_is_taken_though_asterisk_cannot_be_told(self, bench: Bench, desk: Desk) -> None:
        session = await bench.ready("1000")
        call = await caller(bench)
        bench.ami.fails["Setvar"] = NotConnected()
        assert (await desk.agent_offer(session.room, call.call_id, "", "")).taken

    async def test_that_does_not_come_off_frees_agent_and_caller(self, bench: Bench, desk: Desk) -> None:
        session = await bench.ready("1000")
        call = await caller(bench)
        await desk.agent_offer(session.room, call.call_id, "", "")
        await bench.happens(ami_event(AgentRingNoAnswer, Uniqueid=PHONE, Interface=MEMBER))
        assert (await bench.session("1000")).state is AgentState.READY
        assert (await bench.call(call.call_id)).session_id == ""
        assert (await desk.agent_offer(session.room, call.call_id, "", "")).taken, "and can be made again"

    async def test_ends_in_a_talk(self, bench: Bench, desk: Desk) -> None:
        session = await bench.ready("1000")
        call = await caller(bench)
        await desk.agent_offer(session.room, call.call_id, "", "")
        await bench.happens(ami_event(AgentConnect, Uniqueid=PHONE, Interface=MEMBER))
        after = await bench.call(call.call_id)
        assert (after.state, after.user, after.room) == (CallState.BRIDGED, "1000", session.room)
        assert (await bench.session("1000")).state is AgentState.INCALL

    async def test_and_an_answer_at_once_for_one_agent_have_one_winner(self, any_bench: Bench) -> None:
        bench, desk = any_bench, any_bench.core.desk
        session = await bench.ready("1000", "QUICK")
        inbound, outbound = await caller(bench), await answered(bench, "QUICK")
        decision, offer = await at_the_same_time(
            lambda: desk.call_answered(outbound.id, ""),
            lambda: desk.agent_offer(session.room, inbound.call_id, "", ""),
        )
        assert (decision.action == "room") != offer.taken
        winner = outbound.id if decision.action == "room" else inbound.call_id
        assert (await bench.session("1000")).call_id == winner
        assert [call.id for call in await all_calls(bench) if call.session_id] == [winner]

    async def test_of_two_callers_at_once_to_one_agent_have_one_winner(self, any_bench: Bench) -> None:
        bench, desk = any_bench, any_bench.core.desk
        session = await bench.ready("1000")
        callers = [await caller(bench, f"{PHONE}{number}") for number in range(4)]
        found = await asyncio.gather(
            *(desk.agent_offer(session.room, call.call_id, "", "") for call in callers)
        )
        assert [offer.taken for offer in found].count(True) == 1


class TestAnInboundCall:
    async def test_waits_in_the_queue_of_its_number(self, bench: Bench, desk: Desk) -> None:
        lead_id = await bench.core.leads.add(NewLead(list_id=998, phone_number=CUSTOMER))
        found = await caller(bench)
        assert (found.queue, found.lead_id) == ("SALES", lead_id)
        call = await bench.call(found.call_id)
        assert (call.kind, call.state, call.number) == (CallKind.INBOUND, CallState.QUEUED, CUSTOMER)
        assert (call.channel, call.campaign, call.asterisk) == (PHONE, "WRAPUP", MAIN)
        assert (call.wrapup_seconds, call.default_status) == (40, "TALKED")
        assert call.legacy_id.startswith("Y")
        del desk

    @pytest.mark.parametrize("did", ["7275550000", "7275559999", "", "\0"])
    async def test_to_a_number_that_is_not_ours_waits_in_the_default_queue(
        self, desk: Desk, bench: Bench, did: str
    ) -> None:
        found = await desk.inbound(InboundCall(did=did, channel="", unique_id=PHONE))
        assert (found.queue, found.lead_id) == ("", None)
        assert (await bench.call(found.call_id)).campaign == ""

    async def test_asked_again_is_the_same_call(self, bench: Bench) -> None:
        first = await caller(bench)
        assert await caller(bench) == first
        assert len(await all_calls(bench)) == 1

    async def test_asked_twice_at_once_is_one_call(self, bench: Bench, desk: Desk) -> None:
        asked = InboundCall(did="7275551234", channel="", unique_id=PHONE)
        first, second = await at_the_same_time(lambda: desk.inbound(asked), lambda: desk.inbound(asked))
        assert first == second
        assert len(await all_calls(bench)) == 1

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("", ""),
            ("+1 (727) 555-0100", "+17275550100"),
            ("anonymous", ""),
            ("1" * 60, "1" * 20),
            ("7275550100\r\nX: y\0", "7275550100"),
        ],
    )
    async def test_keeps_of_its_number_what_is_one(self, bench: Bench, given: str, kept: str) -> None:
        assert (await bench.call((await caller(bench, number=given)).call_id)).number == kept

    async def test_lead_who_calls_twice_in_one_second_has_two_calls(self, bench: Bench) -> None:
        await bench.core.leads.add(NewLead(list_id=998, phone_number=CUSTOMER))
        first, second = await caller(bench, "1.1"), await caller(bench, "1.2")
        assert first.lead_id == second.lead_id
        ids = {(await bench.call(one.call_id)).legacy_id for one in (first, second)}
        assert len(ids) == 2


class TestACallerWhomTheRelayHasQueued:
    """No bridge had answered in time, and then one did after all."""

    async def test_goes_to_the_queue_of_her_number_when_she_is_asked_about_again(
        self, bench: Bench, desk: Desk
    ) -> None:
        first = await caller(bench)
        await bench.happens(ami_event(QueueCallerJoin, Uniqueid=PHONE, Queue="default"))
        assert (await bench.call(first.call_id)).queue == "default"
        again = await desk.inbound(
            InboundCall(did="7275551234", channel="PJSIP/carrier-1", unique_id=PHONE, caller_number=CUSTOMER)
        )
        assert again == first


class TestACallFromAPhone:
    async def test_may_leave_as_the_site_says(self, bench: Bench, desk: Desk) -> None:
        decision = await desk.call_start(start())
        call = await bench.call(decision.call_id)
        assert decision == StartDecision.allow(call.id, call.dial, "", 60)
        assert (call.kind, call.campaign) == (CallKind.DIALPLAN, "default")
        assert call.dial == f"PJSIP/{CUSTOMER}@carrier"
        assert bench.ami.sent == [], "the dialplan dials"

    async def test_of_an_agent_is_her_campaigns(self, bench: Bench, desk: Desk) -> None:
        await bench.log_in("1000", "TEST")
        decision = await desk.call_start(start(phone="1000"))
        call = await bench.call(decision.call_id)
        assert (call.campaign, call.asked_by, decision.caller_id) == ("TEST", "1000", "7275550000")

    async def test_is_followed_to_its_end(self, bench: Bench, desk: Desk) -> None:
        call_id = (await desk.call_start(start())).call_id
        await bench.happens(
            ami_event(DialBegin, Uniqueid=PHONE, DestUniqueid="cust"),
            ami_event(DialEnd, Uniqueid=PHONE, DestUniqueid="cust", DialStatus="ANSWER"),
        )
        assert (await bench.call(call_id)).state is CallState.BRIDGED
        await bench.happens(ami_event(Hangup, Uniqueid=PHONE, Cause=16))
        assert (await bench.call(call_id)).state is CallState.DISPOSED

    async def test_asked_again_is_the_same_call(self, bench: Bench, desk: Desk) -> None:
        first = await desk.call_start(start())
        assert await desk.call_start(start()) == first
        await bench.happens(ami_event(DialBegin, Uniqueid=PHONE, DestUniqueid="cust"))
        assert await desk.call_start(start()) == first, "also when it has begun to dial"
        assert len(await all_calls(bench)) == 1

    async def test_asked_twice_at_once_is_one_call(self, bench: Bench, desk: Desk) -> None:
        first, second = await at_the_same_time(
            lambda: desk.call_start(start()), lambda: desk.call_start(start())
        )
        assert first == second
        assert len(await all_calls(bench)) == 1

    async def test_of_another_call_on_the_channel_is_refused(self, bench: Bench, desk: Desk) -> None:
        """A permit is for one number; a caller who is sent out again by the dialplan has none."""
        first = await desk.call_start(start())
        assert first.allowed
        assert (await desk.call_start(start())) == first, "the same question once more"
        for number in ("19005551234", "7275550111"):
            assert not (await desk.call_start(start(number))).allowed
        known = await caller(bench, "1732420800.99")
        out = await desk.call_start(start("19005551234", unique_id="1732420800.99"))
        assert (out.allowed, out.dial, out.call_id) == (False, "", known.call_id)

    async def test_that_is_being_hung_up_is_not_let_out_again(self, bench: Bench, desk: Desk) -> None:
        first = await desk.call_start(start())
        await bench.core.call_commands.hangup(first.call_id, asked_by="")
        assert not (await desk.call_start(start())).allowed

    async def test_can_be_hung_up_by_its_phone(self, bench: Bench, desk: Desk) -> None:
        call_id = (await desk.call_start(start())).call_id
        await bench.core.call_commands.hangup(call_id, asked_by="")
        assert [action.channel for action in bench.ami.named("Hangup")] == [PHONE]

    @pytest.mark.parametrize(
        ("number", "rule"), [("911", "emergency"), ("12", "not_a_number"), ("7275550111", "dnc_system")]
    )
    async def test_that_may_not_leave_is_on_record(
        self, bench: Bench, desk: Desk, number: str, rule: str
    ) -> None:
        await bench.core.leads.add_dnc("7275550111")
        decision = await desk.call_start(start(number))
        assert (decision.allowed, decision.reason) == (False, rule)
        call = await bench.call(decision.call_id)
        assert (call.state, call.number) == (CallState.DISPOSED, number)

    @pytest.mark.parametrize("campaign", ["CLOSED", None])
    async def test_needs_a_campaign(self, bench: Bench, desk: Desk, campaign: str | None) -> None:
        if campaign:
            await bench.log_in("1000", "TEST")
            await bench.core.site.put(CLOSED_TEST)
        else:
            await bench.core.site.put(CLOSED_DEFAULT)
        assert await desk.call_start(start(phone="1000")) == StartDecision.refuse("no_campaign")

    async def test_needs_a_trunk(self, bench: Bench, desk: Desk) -> None:
        await bench.log_in("1000", "GONE")
        assert await desk.call_start(start(phone="1000")) == StartDecision.refuse("invalid-input")


class TestAReport:
    async def test_ends_and_disposes_a_call_nobody_answered(self, bench: Bench, desk: Desk) -> None:
        call_id = (await desk.call_start(start())).call_id
        await desk.call_end(CallReport(call_id=call_id, dialstatus="BUSY", hangupcause=17))
        call = await bench.call(call_id)
        assert (call.status, call.dial_status, call.hangup_cause) == ("AB", "BUSY", 17)

    async def test_that_comes_twice_changes_nothing(self, bench: Bench, desk: Desk) -> None:
        call_id = (await desk.call_start(start())).call_id
        await desk.call_end(CallReport(call_id=call_id, dialstatus="BUSY", hangupcause=17))
        before = await bench.call(call_id), await bench.told()
        await desk.call_end(CallReport(call_id=call_id, dialstatus="NOANSWER", hangupcause=19))
        assert (await bench.call(call_id), await bench.told()) == before

    @pytest.mark.parametrize(
        ("report", "status"),
        [({"decision": "drop"}, "DROP"), ({"amd_status": "MACHINE"}, "AA"), ({}, "PU")],
    )
    async def test_of_an_answered_call_without_an_agent(
        self, bench: Bench, desk: Desk, report: dict[str, Any], status: str
    ) -> None:
        call = await answered(bench)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await bench.call(call.id)).state is CallState.ENDED
        await desk.call_end(CallReport(call_id=call.id, hangupcause=16, **report))
        assert (await bench.call(call.id)).status == status

    async def test_finds_the_call_by_its_channel(self, bench: Bench, desk: Desk) -> None:
        call_id = (await caller(bench)).call_id
        await desk.call_end(CallReport(call_id="", unique_id=PHONE, hangupcause=16))
        assert (await bench.call(call_id)).ended_at is not None

    @pytest.mark.parametrize(
        "ids", [{"call_id": "nobody"}, {"call_id": "", "unique_id": "x"}, {"call_id": ""}]
    )
    async def test_of_an_unknown_call_harms_nobody(
        self, bench: Bench, desk: Desk, ids: dict[str, Any]
    ) -> None:
        call = await bench.dial()
        await desk.call_end(CallReport(**ids))
        assert (await bench.call(call.id)).state is CallState.SENT
