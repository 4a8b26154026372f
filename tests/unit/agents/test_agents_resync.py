"""Agents' sessions after a gap and after a restart: compared with Asterisk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from core_bench import EAST, MAIN, Bench, ami_event, channel, core_on, member, opened
from shift_scenes import compare, devices, logging_in, pauses, rewrite, stored

from bridge.agents.asterisk import interface
from bridge.agents.model import AgentState
from bridge.agents.service import Sessions
from bridge.ami.errors import NotConnected
from bridge.ami.events import Hangup
from bridge.calls.model import Seat
from bridge.calls.snapshot import Snapshot


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

    async def test_of_an_agent_on_hook_who_has_no_call_leaves_her_alone(self, bench: Bench) -> None:
        session = await bench.ready()
        await rewrite(bench, session, on_hook=True)
        await compare(bench)
        assert (await stored(bench, session)).state is AgentState.READY

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
            assert again.core.sessions.seat_of(MAIN, interface(session.room)) == Seat(
                session.id, session.user, session.room
            )
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
