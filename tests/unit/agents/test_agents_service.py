"""Agents' sessions in the store and in Asterisk: the phone, the queues, comparing, and a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import msgspec
import pytest
from core_bench import CUSTOMER, EAST, MAIN, Bench, ami_event, channel, core_on, member, opened, refused

from bridge.agents import queries, signals
from bridge.agents.asterisk import interface
from bridge.agents.errors import Refused
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.service import PHONE_DEADLINE, Sessions
from bridge.agi.desk import InboundCall
from bridge.ami.actions import QueueAdd
from bridge.ami.errors import InvalidAction, NotConnected, OutcomeUnknown
from bridge.ami.events import (
    AgentConnect,
    ConfbridgeJoin,
    CoreShowChannel,
    DialEnd,
    Hangup,
    OriginateResponse,
)
from bridge.calls.model import CallState
from bridge.calls.notices import Bridged
from bridge.calls.snapshot import Snapshot
from bridge.errors import AsteriskUnavailable, OriginateRefused
from bridge.services import DialRequest
from bridge.store.database import Transaction
from bridge.turn import Turn, Turns


@pytest.fixture
def sessions(bench: Bench) -> Sessions:
    return bench.core.sessions


async def logging_in(bench: Bench, user: str = "1000", campaign: str = "TEST") -> AgentSession:
    """An agent whose phone is being rung."""
    return await bench.core.agent_commands.login(user, user, campaign, asked_by="")


async def stored(bench: Bench, session: AgentSession) -> AgentSession:
    """A session as it is now, logged out or not."""

    async def work(tx: Transaction) -> AgentSession | None:
        return await queries.locked(tx.conn, session.id)

    found = await bench.core.db.write(work)
    assert found is not None
    return found


async def rewrite(bench: Bench, session: AgentSession, **changes: Any) -> None:
    """Let a session have been otherwise all along."""

    async def work(tx: Transaction) -> None:
        await queries.save(tx.conn, msgspec.structs.replace(session, **changes))

    await bench.core.db.write(work)


async def compare(bench: Bench, *rows: CoreShowChannel, restarted: bool = False) -> None:
    """Compare with these channels."""
    snapshot = Snapshot(rows, taken=datetime.now(UTC), restarted=restarted)
    await bench.core.sessions.resync(MAIN, snapshot)


async def phone_deadline(sessions: Sessions, session: AgentSession) -> None:
    """Let the time for her phone be up now."""
    handle = sessions._timers._handles[session.id]
    handle._run()
    handle.cancel()
    await asyncio.gather(*sessions._timers._running)


def devices(bench: Bench) -> list[str]:
    """What the queues were told of agents' devices, in order."""
    return [action.value for action in bench.ami.named("Setvar")]


def pauses(bench: Bench) -> list[tuple[bool, str | None]]:
    """The pauses in queues, in order."""
    return [(action.paused, action.reason) for action in bench.ami.named("QueuePause")]


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
        with pytest.raises(AsteriskUnavailable):
            await logging_in(bench)
        session = await bench.session("1000")
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id))
        assert (await bench.session("1000")).state is AgentState.PAUSED


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


class TestTheQueues:
    async def test_see_what_she_does(self, bench: Bench) -> None:
        await bench.ready()
        await bench.core.agent_commands.pause("1000", "LUNCH", asked_by="")
        await bench.core.agent_commands.logout("1000", asked_by="")
        assert pauses(bench) == [(True, "LOGIN"), (False, None), (True, "LUNCH")]
        assert devices(bench) == ["INUSE", "NOT_INUSE", "INUSE", "UNAVAILABLE"]
        assert len(bench.ami.named("QueueRemove")) == 1

    async def test_are_not_bothered_for_an_agent_without_any(self, bench: Bench) -> None:
        await bench.ready(campaign="WRAPUP")
        assert bench.ami.named("QueueAdd") == bench.ami.named("QueuePause") == []
        assert devices(bench) == ["INUSE", "NOT_INUSE"]


@contextmanager
def answer_held(bench: Bench, kind: type[Any]) -> Iterator[tuple[asyncio.Event, asyncio.Event]]:
    """Let Asterisk answer the first action of this kind late; gives "it is asked" and "it may answer"."""
    asked, answers = asyncio.Event(), asyncio.Event()
    send = bench.ami.send

    async def late(action: Any, **more: Any) -> None:
        await send(action, **more)
        if isinstance(action, kind) and not asked.is_set():
            asked.set()
            await answers.wait()

    with mock.patch.object(bench.ami, "send", late):
        yield asked, answers


class TestTwoTurnsAtOnce:
    """She does something while Asterisk is still being told of her login."""

    async def test_asterisk_is_left_with_the_newest(self, bench: Bench) -> None:
        session = await logging_in(bench)
        with answer_held(bench, QueueAdd) as (asked, answers):
            seating = asyncio.create_task(bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id)))
            await asked.wait()
            await bench.core.agent_commands.resume("1000", asked_by="")
            answers.set()
            await seating
        assert pauses(bench)[-1] == (False, None)
        assert devices(bench)[-1] == "NOT_INUSE"

    async def test_of_who_has_left_nothing_more_is_said(self, bench: Bench) -> None:
        session = await logging_in(bench)
        with answer_held(bench, QueueAdd) as (asked, answers):
            seating = asyncio.create_task(bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id)))
            await asked.wait()
            await bench.core.agent_commands.logout("1000", asked_by="")
            answers.set()
            await seating
        assert pauses(bench) == []
        assert devices(bench)[-1] == "UNAVAILABLE"


class TestWhoWaits:
    async def test_is_woken_each_time_an_agent_becomes_ready(self, bench: Bench, sessions: Sessions) -> None:
        woken: list[str] = []
        sessions.on_ready(lambda: woken.append("first"))
        sessions.on_ready(lambda: woken.append("second"))
        await bench.log_in()
        assert woken == []
        await bench.core.agent_commands.resume("1000", asked_by="")
        assert woken == ["first", "second"]
        await bench.core.agent_commands.pause("1000", "", asked_by="")
        assert woken == ["first", "second"]

    async def test_is_not_woken_before_the_commit(self, bench: Bench, sessions: Sessions) -> None:
        woken: list[str] = []
        sessions.on_ready(lambda: woken.append("woken"))
        session = await bench.log_in()

        async def work(turn: Turn) -> None:
            await sessions.signal(turn, session, signals.Resume(at=turn.at))
            assert woken == []
            raise LookupError

        with pytest.raises(LookupError):
            await Turns(bench.core.db).run(work)
        assert woken == []


class TestTheMemberOfAQueue:
    async def test_is_the_session_in_its_room(self, bench: Bench, sessions: Sessions) -> None:
        session = await logging_in(bench)
        assert sessions.session_of(MAIN, interface(session.room)) == session.id
        assert sessions.session_of(MAIN, interface("8600999")) == ""
        assert sessions.session_of(MAIN, "PJSIP/1000") is None

    async def test_of_two_asterisks_with_equal_rooms_is_told_apart(
        self, bench: Bench, sessions: Sessions
    ) -> None:
        here = await bench.log_in("1000")
        there = await bench.log_in("2000", "EAST", on=EAST)
        assert here.room == there.room
        assert sessions.session_of(MAIN, interface(here.room)) == here.id
        assert sessions.session_of(EAST, interface(there.room)) == there.id

    async def test_is_nobody_after_the_shift(self, bench: Bench, sessions: Sessions) -> None:
        first = await bench.log_in("1000")
        await bench.core.agent_commands.logout("1000", asked_by="")
        assert sessions.session_of(MAIN, interface(first.room)) == ""
        bench.core.agent_commands._rooms._next.clear()
        second = await bench.log_in("1001")
        assert second.room == first.room, "rooms are used again"
        await bench.happens(ami_event(Hangup, Uniqueid=first.id))
        assert sessions.session_of(MAIN, interface(second.room)) == second.id


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


class TestResync:
    async def test_of_a_phone_that_is_gone_ends_the_shift(self, bench: Bench) -> None:
        session = await bench.ready()
        await compare(bench)
        after = await stored(bench, session)
        assert (after.state, after.logout_reason) == (AgentState.LOGGED_OUT, "phone_lost")

    async def test_after_a_restart_of_asterisk_says_why(self, bench: Bench) -> None:
        session = await bench.ready()
        await compare(bench, restarted=True)
        assert (await stored(bench, session)).logout_reason == "asterisk_restarted"

    @pytest.mark.parametrize("restarted", [False, True])
    async def test_of_a_login_whose_phone_is_not_there(
        self,
        bench: Bench,
        sessions: Sessions,
        restarted: bool,  # noqa: FBT001
    ) -> None:
        session = await logging_in(bench)
        await compare(bench, restarted=restarted)
        gone = (await stored(bench, session)).state is AgentState.LOGGED_OUT
        assert gone == restarted, "without a restart it may still be about to be rung"
        assert session.id in sessions._timers._handles

    async def test_of_a_login_whose_phone_still_rings_waits(self, bench: Bench) -> None:
        session = await logging_in(bench)
        await compare(bench, channel(session.id, state=5))
        assert (await bench.session("1000")).state is AgentState.CONNECTING

    async def test_of_a_login_whose_phone_was_seated_meanwhile_seats_her(self, bench: Bench) -> None:
        session = await logging_in(bench)
        await compare(bench, channel(session.id, bridge="room"))
        assert (await bench.session("1000")).state is AgentState.PAUSED
        assert len(bench.ami.named("QueueAdd")) == 1

    async def test_of_a_login_that_began_while_it_listed_leaves_it_alone(self, bench: Bench) -> None:
        snapshot = Snapshot([], taken=datetime.now(UTC), restarted=True)
        session = await logging_in(bench)
        await bench.core.sessions.resync(MAIN, snapshot)
        assert await bench.session("1000") == session

    async def test_tells_asterisk_again_what_it_may_have_missed(self, bench: Bench) -> None:
        bench.ami.fails["Setvar"] = bench.ami.fails["QueuePause"] = NotConnected()
        session = await bench.ready()
        assert session.state is AgentState.READY, "the command is taken all the same"
        bench.ami.fails.clear()
        bench.ami.sent.clear()
        bench.ami.members = [member("SALES", interface(session.room))]
        await compare(bench, channel(session.id, bridge="room"))
        assert (pauses(bench), devices(bench)) == ([(False, None)], ["NOT_INUSE"])

    async def test_makes_her_a_member_where_she_is_none_any_more(self, bench: Bench) -> None:
        session = await bench.ready()
        bench.ami.sent.clear()
        await compare(bench, channel(session.id, bridge="room"))
        assert [action.queue for action in bench.ami.named("QueueAdd")] == ["SALES"]
        assert pauses(bench)[-1] == (False, None), "and she still waits for calls"

    async def test_takes_out_of_the_queues_who_is_not_there_any_more(self, bench: Bench) -> None:
        bench.ami.members = [member("SALES", interface("8600999")), member("SALES", "PJSIP/1000")]
        await compare(bench)
        removed = [(action.queue, action.interface) for action in bench.ami.named("QueueRemove")]
        assert removed == [("SALES", interface("8600999"))], "and leaves members of others alone"

    async def test_hangs_up_a_phone_whose_session_is_over(self, bench: Bench) -> None:
        session = await bench.log_in()
        bench.ami.fails["Hangup"] = NotConnected()
        await bench.core.agent_commands.logout("1000", asked_by="")
        bench.ami.fails.clear()
        bench.ami.sent.clear()
        await compare(bench, channel(session.id, bridge="room"))
        assert [action.channel for action in bench.ami.named("Hangup")] == [session.id]

    async def test_of_one_asterisk_leaves_the_other_alone(self, bench: Bench) -> None:
        session = await bench.log_in("2000", "EAST", on=EAST)
        await compare(bench, restarted=True)
        assert await bench.session("2000") == session

    async def test_that_asterisk_does_not_answer_is_told(self, bench: Bench) -> None:
        session = await bench.ready()
        bench.ami.fails["QueueStatus"] = NotConnected()
        with pytest.raises(NotConnected):
            await compare(bench)
        assert await bench.session("1000") == session


class TestARestart:
    async def test_goes_on_with_who_is_there(
        self, bench: Bench, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = await bench.ready()
        await bench.core.sessions.stop()
        async with opened(core_on(store_url, monkeypatch)) as again:
            await again.core.sessions.restore()
            assert again.core.sessions.session_of(MAIN, interface(session.room)) == session.id
            assert (await again.session("1000")).state is AgentState.READY
            await again.happens(ami_event(Hangup, Uniqueid=session.id))
            assert await again.core.agent_commands.session("1000") is None

    async def test_ends_the_shift_on_an_asterisk_that_the_settings_no_longer_name(
        self, bench: Bench, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = await bench.ready()
        await rewrite(bench, session, asterisk="taken away")
        async with opened(core_on(store_url, monkeypatch)) as again:
            await again.core.sessions.restore()
            assert (await stored(again, session)).logout_reason == "asterisk_removed"
            assert (await again.log_in()).state is AgentState.PAUSED, "she can log in again"


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
