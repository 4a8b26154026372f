"""Ending an agent's call and giving its disposition."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agent_wishes import promised, talk
from core_bench import Bench, ami_event

from bridge.agents.commands import AgentCommands
from bridge.agents.model import AgentState
from bridge.ami.errors import NotConnected
from bridge.ami.events import Hangup
from bridge.calls.model import StatusSource
from bridge.errors import AsteriskUnavailable, InvalidState, NoCall
from bridge.services import Callback


class TestHangupAndStatus:
    async def test_end_and_dispose_her_call(self, bench: Bench, commands: AgentCommands) -> None:
        call = await talk(bench, "WRAPUP")
        assert (await commands.hangup("1000", asked_by="")).id == call.id
        assert [action.channel for action in bench.ami.named("Hangup")] == [call.id]
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        assert (await bench.session("1000")).state is AgentState.WRAPUP
        disposed = await commands.set_status("1000", "SALE", callback=None, asked_by="")
        assert (disposed.status, disposed.status_source) == ("SALE", StatusSource.AGENT)
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_hangup_twice_is_no_error_while_the_call_lasts(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        call = await talk(bench)
        for _ in range(2):
            assert (await commands.hangup("1000", asked_by="")).id == call.id

    async def test_hangup_after_the_end_is_refused(self, bench: Bench, commands: AgentCommands) -> None:
        call = await talk(bench, "WRAPUP")
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        with pytest.raises(InvalidState):
            await commands.hangup("1000", asked_by="")

    async def test_status_before_the_end_counts_at_the_end(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        call = await talk(bench, "WRAPUP")
        await commands.set_status("1000", "SALE", callback=None, asked_by="")
        assert (await bench.call(call.id)).status == ""
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        assert (await bench.call(call.id)).status == "SALE"
        assert (await bench.session("1000")).state is AgentState.PAUSED, "there is nothing to wrap up"

    async def test_a_callback_is_kept_with_the_status(self, any_bench: Bench) -> None:
        bench = any_bench
        call = await talk(bench, "WRAPUP")
        asked = Callback(at="2026-12-01 10:00:00", anyone=False, comments="asks for Anna")
        await bench.core.agent_commands.set_status("1000", "CALLBK", callback=asked, asked_by="")
        kept = await promised(bench, call.id)
        assert kept is not None
        assert (kept.user, kept.status, kept.campaign) == ("1000", "CALLBK", "WRAPUP")
        assert (kept.asked, kept.comments) == ("2026-12-01 10:00:00", "asks for Anna")
        assert kept.due_at == datetime(2026, 12, 1, 15, tzinfo=UTC), "ten o'clock in New York"

    async def test_the_last_word_about_a_callback_counts(self, bench: Bench, commands: AgentCommands) -> None:
        call = await talk(bench, "TEST")
        for day in ("2026-12-01 10:00", "tomorrow at ten"):
            asked = Callback(at=day, anyone=True)
            await commands.set_status("1000", "CALLBK", callback=asked, asked_by="")
        kept = await promised(bench, call.id)
        assert kept is not None
        assert (kept.user, kept.asked, kept.due_at) == ("", "tomorrow at ten", None)
        assert await bench.told(f"leads/{call.lead_id}") == ["lead.added", "lead.callback", "lead.callback"]
        await commands.set_status("1000", "SALE", callback=None, asked_by="")
        assert await promised(bench, call.id) is None

    async def test_a_disposition_by_call_takes_a_callback_back(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        call = await talk(bench)
        asked = Callback(at="2026-12-01 10:00:00", anyone=True)
        await commands.set_status("1000", "CALLBK", callback=asked, asked_by="")
        await bench.core.call_commands.dispose(call.id, "NI", asked_by="")
        assert await promised(bench, call.id) is None

    async def test_without_a_call_are_refused(self, bench: Bench, commands: AgentCommands) -> None:
        await bench.log_in()
        with pytest.raises(NoCall):
            await commands.hangup("1000", asked_by="")
        with pytest.raises(NoCall):
            await commands.set_status("1000", "SALE", callback=None, asked_by="")

    async def test_hangup_without_a_link_is_said_and_done_later(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        call = await talk(bench)
        bench.ami.fails["Hangup"] = NotConnected()
        with pytest.raises(AsteriskUnavailable):
            await commands.hangup("1000", asked_by="")
        assert (await bench.call(call.id)).hangup_asked_at is not None
