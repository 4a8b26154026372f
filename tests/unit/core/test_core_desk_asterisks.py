"""The desks of two Asterisks: each sees its own calls, rooms and phones."""

from __future__ import annotations

from core_bench import CUSTOMER, EAST, MAIN, Bench
from desk_questions import PHONE, start

from bridge.agents.model import AgentState
from bridge.agi.desk import CallReport, InboundCall
from bridge.calls.model import CallState


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
