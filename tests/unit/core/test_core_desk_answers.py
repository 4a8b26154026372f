"""An answered call at the desk: to whom it is given, and how long it waits."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from core_bench import Bench, ami_event
from desk_questions import all_calls, answered

from bridge.agents.model import AgentState
from bridge.agi.desk import AnswerDecision
from bridge.ami.errors import NotConnected
from bridge.ami.events import ConfbridgeJoin, Hangup
from bridge.calls import queries
from bridge.calls.model import CallState
from bridge.desk import Desk


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
