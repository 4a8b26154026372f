"""Commands to agents, as the APIs give them: pause, resume, logout, and their order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agent_wishes import login, talk
from core_bench import Bench, ami_event

from bridge.agents.commands import AgentCommands
from bridge.agents.model import AgentState
from bridge.ami.errors import NotConnected
from bridge.ami.events import Hangup
from bridge.errors import InvalidState, NotLoggedIn, NotPaused


class TestPauseResumeLogout:
    async def test_take_effect_at_once_outside_a_call(self, bench: Bench, commands: AgentCommands) -> None:
        await bench.ready()
        paused = await commands.pause("1000", "LUNCH", asked_by="")
        assert (paused.state, paused.pause_reason) == (AgentState.PAUSED, "LUNCH")
        assert (await commands.resume("1000", asked_by="")).state is AgentState.READY
        assert (await commands.logout("1000", asked_by="")).state is AgentState.LOGGED_OUT
        assert await bench.told("agents/1000") == [
            "agent.logging_in",
            "agent.logged_in",
            "agent.ready",
            "agent.paused",
            "agent.ready",
            "agent.logged_out",
        ]

    async def test_in_a_call_wait_for_its_end(self, bench: Bench, commands: AgentCommands) -> None:
        call = await talk(bench)
        assert (await commands.pause("1000", "LUNCH", asked_by="")).state is AgentState.INCALL
        assert (await commands.logout("1000", asked_by="")).state is AgentState.INCALL
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        assert await commands.session("1000") is None

    async def test_pause_without_a_reason_keeps_the_last(self, bench: Bench, commands: AgentCommands) -> None:
        await bench.ready()
        await commands.pause("1000", "LUNCH", asked_by="")
        await commands.resume("1000", asked_by="")
        assert (await commands.pause("1000", "", asked_by="")).pause_reason == "LUNCH"

    async def test_resume_of_who_is_not_paused_is_refused(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        await bench.ready()
        with pytest.raises(NotPaused) as refusal:
            await commands.resume("1000", asked_by="")
        assert refusal.value.details == {"agent": "1000", "state": "ready"}

    async def test_resume_while_the_phone_rings_is_refused(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        await login(bench)
        with pytest.raises(InvalidState) as refusal:
            await commands.resume("1000", asked_by="")
        assert refusal.value.details["reason"] == "not_seated"

    async def test_of_who_is_not_logged_in(self, commands: AgentCommands) -> None:
        for command in (
            commands.pause("1000", "", asked_by=""),
            commands.resume("1000", asked_by=""),
            commands.logout("1000", asked_by=""),
            commands.hangup("1000", asked_by=""),
            commands.set_status("1000", "SALE", callback=None, asked_by=""),
        ):
            with pytest.raises(NotLoggedIn):
                await command

    async def test_are_taken_though_the_link_is_lost_and_told_when_it_is_back(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        session = await bench.ready()
        bench.ami.fails["QueuePause"] = bench.ami.fails["Setvar"] = NotConnected()
        assert (await commands.pause("1000", "LUNCH", asked_by="")).state is AgentState.PAUSED
        assert (await bench.session("1000")).version > session.version


class TestOrder:
    async def test_commands_of_one_agent_run_in_the_order_in_which_they_came(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        """As a CRM sends them, at once: each finds what the one before it has left."""
        call = await talk(bench, "WRAPUP")
        found = await asyncio.gather(
            commands.pause("1000", "LUNCH", asked_by=""),
            commands.hangup("1000", asked_by=""),
            commands.set_status("1000", "SALE", callback=None, asked_by=""),
            commands.logout("1000", asked_by=""),
        )
        versions = [found[0].version, found[3].version]
        assert versions == sorted(versions)
        assert [found[1].pending_status, found[2].pending_status] == ["", "SALE"]
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        assert (await bench.call(call.id)).status == "SALE"
        assert await commands.session("1000") is None

    async def test_many_changes_of_mind_end_as_the_last_one(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        await bench.log_in()
        for _ in range(3):
            asked = [
                command
                for _ in range(5)
                for command in (
                    commands.resume("1000", asked_by=""),
                    commands.pause("1000", "A", asked_by=""),
                )
            ]
            await asyncio.gather(*asked)
            assert (await bench.session("1000")).state is AgentState.PAUSED
        told = await bench.told("agents/1000")
        assert told[2:] == ["agent.ready", "agent.paused"] * 15

    async def test_commands_of_another_agent_do_not_wait(
        self, bench: Bench, commands: AgentCommands, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await bench.ready("1000")
        await bench.ready("1001")
        stuck, go_on = asyncio.Event(), asyncio.Event()
        send = bench.ami.send

        async def slow(action: Any, *, action_id: str | None = None) -> None:
            if getattr(action, "variable", "") == "DEVICE_STATE(Custom:agent-1000)":
                stuck.set()
                await go_on.wait()
            await send(action, action_id=action_id)

        monkeypatch.setattr(bench.ami, "send", slow)
        slow_one = asyncio.create_task(commands.pause("1000", "", asked_by=""))
        await asyncio.wait_for(stuck.wait(), 2)
        await asyncio.wait_for(commands.pause("1001", "", asked_by=""), 2)
        assert not slow_one.done()
        go_on.set()
        await asyncio.wait_for(slow_one, 2)


async def test_sessions_are_listed_by_user(bench: Bench, commands: AgentCommands) -> None:
    await login(bench, "1001", "1001")
    await login(bench, "1000", "1000")
    assert [session.user for session in await commands.sessions()] == ["1000", "1001"]
    assert await commands.session("1005") is None
