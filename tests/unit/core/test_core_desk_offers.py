"""The desk and an agent who is offered a caller: taken once, or busy."""

from __future__ import annotations

import asyncio

import pytest
from core_bench import Bench, ami_event
from desk_questions import MEMBER, PHONE, all_calls, answered, at_the_same_time, caller

from bridge.agents.model import AgentState
from bridge.agi.desk import OfferDecision
from bridge.ami.errors import NotConnected
from bridge.ami.events import AgentConnect, AgentRingNoAnswer, Hangup
from bridge.calls.model import CallState
from bridge.desk import Desk


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

    async def test_that_comes_off_though_it_was_given_up_names_its_agent(
        self, bench: Bench, desk: Desk
    ) -> None:
        session = await bench.ready()
        found = await caller(bench)
        await desk.agent_offer(session.room, found.call_id, "", "SALES")
        ring = {"Uniqueid": PHONE, "Interface": MEMBER}
        await bench.happens(ami_event(AgentRingNoAnswer, **ring), ami_event(AgentConnect, **ring))
        call = await bench.call(found.call_id)
        assert (call.state, call.session_id) == (CallState.BRIDGED, session.id)
        assert (call.user, call.room) == ("1000", session.room)

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
