"""Agents' sessions in the store and in Asterisk: login, the phone, signals, a talk."""

from __future__ import annotations

import asyncio

import pytest
from core_bench import CUSTOMER, EAST, MAIN, Bench, ami_event, in_doubt, refused
from shift_scenes import devices, logging_in, phone_deadline, stored

from bridge.agents import signals
from bridge.agents.asterisk import interface
from bridge.agents.errors import Refused
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.service import PHONE_DEADLINE, Sessions
from bridge.agi.desk import InboundCall
from bridge.ami.errors import InvalidAction, NotConnected, OutcomeUnknown
from bridge.ami.events import AgentConnect, ConfbridgeJoin, DialEnd, Hangup, OriginateResponse
from bridge.calls.model import CallState
from bridge.calls.notices import Bridged
from bridge.errors import AsteriskUnavailable, OriginateRefused, OriginateUnknown
from bridge.services import DialRequest
from bridge.turn import Turn, Turns


class TestTheLogin:
    async def test_rings_the_phone_after_the_commit(self, bench: Bench) -> None:
        session = await logging_in(bench)
        (ring,) = bench.ami.named("Originate")
        assert (ring.channel, ring.channel_id, ring.exten) == ("PJSIP/1000", session.id, session.room)
        assert await bench.told("agents/1000") == ["agent.logging_in"]

    async def test_is_done_when_she_sits_in_her_room(self, bench: Bench) -> None:
        session = await bench.log_in()
        assert (session.state, session.pause_reason) == (AgentState.PAUSED, "LOGIN")
        assert [action.queue for action in bench.ami.named("QueueAdd")] == ["SALES"]
        assert devices(bench) == ["INUSE"]
        assert await bench.told("agents/1000") == ["agent.logging_in", "agent.logged_in"]

    async def test_fails_when_the_phone_does_not_answer(self, bench: Bench) -> None:
        session = await logging_in(bench)
        await bench.happens(ami_event(OriginateResponse, ActionID=session.id, Response="Failure", Reason=3))
        after = await stored(bench, session)
        assert (after.state, after.logout_reason) == (AgentState.LOGGED_OUT, "phone_failed")
        assert await bench.told("agents/1000") == ["agent.logging_in", "agent.login_failed"]

    async def test_fails_when_asterisk_says_nothing_in_time(self, bench: Bench, sessions: Sessions) -> None:
        session = await logging_in(bench)
        left = sessions._timers._handles[session.id].when() - asyncio.get_running_loop().time()
        assert PHONE_DEADLINE - 1 < left <= PHONE_DEADLINE
        await phone_deadline(sessions, session)
        assert (await stored(bench, session)).state is AgentState.LOGGED_OUT

    async def test_that_is_done_is_not_undone_by_its_deadline(self, bench: Bench, sessions: Sessions) -> None:
        session = await bench.log_in()
        await phone_deadline(sessions, session)
        assert await bench.session("1000") == session

    @pytest.mark.parametrize(
        ("error", "told", "why"),
        [
            (NotConnected(), AsteriskUnavailable, "cannot be reached"),
            (refused("no such phone"), OriginateRefused, "would not ring the phone: no such phone"),
            (InvalidAction("a line break"), InvalidAction, "a line break"),
        ],
        ids=repr,
    )
    async def test_that_could_not_be_sent_is_over(
        self, bench: Bench, error: Exception, told: type[Exception], why: str
    ) -> None:
        bench.ami.fails["Originate"] = error
        with pytest.raises(told, match=why):
            await logging_in(bench)
        assert await bench.core.agent_commands.session("1000") is None
        assert await bench.told("agents/1000") == ["agent.logging_in", "agent.login_failed"]

    async def test_lost_in_mid_action_may_still_succeed(self, bench: Bench) -> None:
        bench.ami.fails["Originate"] = OutcomeUnknown()
        with pytest.raises(OriginateUnknown, match="may ring"):
            await logging_in(bench)
        session = await bench.session("1000")
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id))
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_that_may_not_be_written_is_over_in_time(
        self, bench: Bench, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with in_doubt(bench, monkeypatch):
            await logging_in(bench)
        await phone_deadline(sessions, await bench.session("1000"))
        assert await bench.core.agent_commands.session("1000") is None


class TestThePhone:
    async def test_that_hangs_up_ends_the_shift(self, bench: Bench) -> None:
        session = await bench.ready()
        await bench.happens(ami_event(Hangup, Uniqueid=session.id))
        after = await stored(bench, session)
        assert (after.state, after.logout_reason) == (AgentState.LOGGED_OUT, "phone_lost")
        assert [action.queue for action in bench.ami.named("QueueRemove")] == ["SALES"]
        assert devices(bench)[-1] == "UNAVAILABLE"

    async def test_that_hangs_up_in_a_manual_call_ends_it(self, bench: Bench) -> None:
        session = await bench.log_in()
        call = await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
        await bench.happens(ami_event(Hangup, Uniqueid=session.id))
        assert [action.channel for action in bench.ami.named("Hangup")] == [call.id]

    async def test_that_comes_up_when_the_session_is_over_is_hung_up(self, bench: Bench) -> None:
        session = await logging_in(bench)
        await bench.core.agent_commands.logout("1000", asked_by="")
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id))
        assert [action.channel for action in bench.ami.named("Hangup")] == [session.id, session.id]

    @pytest.mark.parametrize("answered", [True, False])
    async def test_that_is_gone_is_followed_no_longer(
        self,
        bench: Bench,
        sessions: Sessions,
        answered: bool,  # noqa: FBT001  a case of the table
    ) -> None:
        """Or years of logins would stay in memory."""
        session = await bench.log_in() if answered else await logging_in(bench)
        await bench.happens(
            ami_event(Hangup, Uniqueid=session.id)
            if answered
            else ami_event(OriginateResponse, ActionID=session.id, Response="Failure")
        )
        assert not sessions._translators[MAIN]._sessions

    async def test_of_another_asterisk_is_not_hers(self, bench: Bench) -> None:
        session = await bench.log_in()
        await bench.happens(ami_event(Hangup, Uniqueid=session.id), on=EAST)
        assert await bench.session("1000") == session


class TestSignals:
    async def test_that_is_refused_changes_nothing(self, bench: Bench, sessions: Sessions) -> None:
        session = await bench.log_in()

        async def work(turn: Turn) -> AgentSession:
            return await sessions.signal(turn, session, signals.Offer(at=turn.at, call_id="call-1"))

        with pytest.raises(Refused):
            await Turns(bench.core.db).run(work)
        assert await bench.session("1000") == session

    async def test_news_for_a_session_that_is_not_there_is_nothing(
        self, bench: Bench, sessions: Sessions
    ) -> None:
        async def work(turn: Turn) -> None:
            await sessions.notice(turn, "nobody", Bridged(at=turn.at, call_id="call-1"))

        await Turns(bench.core.db).run(work)
        assert await bench.told() == []


async def test_inbound_talk_is_hers_and_ends_with_her_being_ready(bench: Bench) -> None:
    session = await bench.ready()
    asked = InboundCall(did="7275559999", channel="", unique_id="1.1", caller_number=CUSTOMER)
    call_id = (await bench.core.desk.inbound(asked)).call_id
    await bench.happens(ami_event(AgentConnect, Uniqueid="1.1", Interface=interface(session.room)))
    talking = await bench.session("1000")
    assert (talking.state, talking.call_id) == (AgentState.INCALL, call_id)
    await bench.happens(ami_event(Hangup, Uniqueid="1.1", Cause=16))
    assert (await bench.session("1000")).state is AgentState.READY
    assert (await bench.call(call_id)).state is CallState.DISPOSED


async def test_manual_talk_leaves_her_paused(bench: Bench) -> None:
    await bench.log_in()
    call = await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
    await bench.happens(ami_event(DialEnd, Uniqueid=call.id, DestUniqueid="cust", DialStatus="ANSWER"))
    assert (await bench.session("1000")).state is AgentState.INCALL
    await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
    assert (await bench.session("1000")).state is AgentState.PAUSED
