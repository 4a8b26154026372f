"""Manual calls out of an agent's room."""

from __future__ import annotations

import asyncio

import pytest
from agent_wishes import calls_of, dial, talk
from core_bench import Bench, ami_event, channel

from bridge.agents.model import AgentState
from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.ami.events import Newchannel
from bridge.calls.model import CallKind, CallState
from bridge.campaigns.model import Campaign
from bridge.errors import (
    AsteriskUnavailable,
    DialRefused,
    InvalidInput,
    InvalidState,
    ManualDialNotAllowed,
    NoSuchAgent,
    NoSuchCampaign,
    NoSuchLead,
    NotLoggedIn,
    NotPaused,
    OriginateUnknown,
)
from bridge.ids import uuid7


class TestDial:
    async def test_goes_out_of_her_room_and_is_hers(self, bench: Bench) -> None:
        session = await bench.log_in()
        call = await dial(bench, asked_by="crm")
        assert (call.kind, call.state, call.user, call.room) == (
            CallKind.MANUAL,
            CallState.SENT,
            "1000",
            session.room,
        )
        dialling = await bench.session("1000")
        assert (dialling.state, dialling.call_id, dialling.lead_id) == (
            AgentState.DIALING,
            call.id,
            call.lead_id,
        )
        assert bench.ami.named("Originate")[-1].channel == f"Local/{session.room}@bridge-room/n"

    async def test_refused_is_on_record_and_she_is_as_she_was(self, bench: Bench) -> None:
        session = await bench.log_in()
        before = len(bench.ami.sent)
        with pytest.raises(DialRefused) as refusal:
            await dial(bench, number="911")
        assert refusal.value.rule == "emergency"
        (call,) = await calls_of(bench)
        assert (call.state, call.end_reason, call.number) == (CallState.DISPOSED, "refused", "911")
        assert call.user == "1000", "it is found among hers"
        assert await bench.session("1000") == session
        assert len(bench.ami.sent) == before

    @pytest.mark.parametrize("campaign", ["TEST", "QUEUE"])
    async def test_of_who_waits_depends_on_the_campaign(self, bench: Bench, campaign: str) -> None:
        await bench.ready("1000", campaign)
        if campaign == "TEST":
            with pytest.raises(NotPaused):
                await dial(bench)
            assert await calls_of(bench) == [], "nothing of it is written, nor its lead"
            assert "lead.added" not in await bench.told()
        else:
            assert (await dial(bench)).state is CallState.SENT

    async def test_in_a_call_is_refused(self, bench: Bench) -> None:
        await talk(bench)
        with pytest.raises(NotPaused):
            await dial(bench, number="7275550101")
        assert len(await calls_of(bench)) == 1

    async def test_needs_a_session_and_the_right(self, bench: Bench) -> None:
        with pytest.raises(NotLoggedIn):
            await dial(bench)
        with pytest.raises(ManualDialNotAllowed):
            await dial(bench, "narrow")
        with pytest.raises(NoSuchAgent):
            await dial(bench, "nobody")

    async def test_needs_campaign_trunk_and_lead(self, bench: Bench) -> None:
        await bench.log_in()
        with pytest.raises(NoSuchLead):
            await dial(bench, lead_id=4711)
        await bench.core.site.put(Campaign(id="TEST", trunk="gone"))
        with pytest.raises(InvalidInput):
            await dial(bench)
        await bench.core.site.put(Campaign(id="TEST", trunk="east"))
        with pytest.raises(InvalidState, match="not on the agent's Asterisk"):
            await dial(bench)
        await bench.core.site.put(Campaign(id="TEST", trunk="carrier", active=False))
        with pytest.raises(NoSuchCampaign):
            await dial(bench)
        assert await calls_of(bench) == []

    async def test_writes_nothing_while_asterisk_is_down(self, bench: Bench) -> None:
        await bench.log_in()
        bench.ami.lose_link()
        with pytest.raises(AsteriskUnavailable):
            await dial(bench)
        assert await calls_of(bench) == []

    async def test_that_was_not_sent_gives_her_back(self, bench: Bench) -> None:
        await bench.log_in()
        bench.ami.fails["Originate"] = NotConnected()
        with pytest.raises(AsteriskUnavailable):
            await dial(bench)
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_lost_in_mid_action_keeps_her_until_the_truth_is_known(self, bench: Bench) -> None:
        await bench.log_in()
        bench.ami.fails["Originate"] = OutcomeUnknown()
        with pytest.raises(OriginateUnknown):
            await dial(bench)
        assert (await bench.session("1000")).state is AgentState.DIALING
        (call,) = await calls_of(bench)
        bench.ami.rows = [channel(call.id)]
        await bench.happens(ami_event(Newchannel, Uniqueid=call.id))
        assert (await bench.call(call.id)).state is CallState.DIALING

    async def test_asked_for_twice_with_one_id_is_made_once(self, bench: Bench) -> None:
        await bench.log_in()
        wanted = uuid7()
        first, second = await asyncio.gather(*(dial(bench, call_id=wanted) for _ in range(2)))
        assert first.id == second.id == wanted
        assert bench.ami.ids.count(wanted) == 1

    async def test_twice_at_once_is_one_call(self, any_bench: Bench) -> None:
        bench = any_bench
        await bench.log_in()
        found = await asyncio.gather(*(dial(bench) for _ in range(3)), return_exceptions=True)
        assert [isinstance(one, NotPaused) for one in found].count(True) == 2
        assert [call.state for call in await calls_of(bench)] == [CallState.SENT]

    async def test_to_one_lead_twice_within_a_second_has_two_ids(self, bench: Bench) -> None:
        for user in ("1000", "1001"):
            await bench.log_in(user)
        first = await dial(bench, "1000")
        second = await dial(bench, "1001", lead_id=first.lead_id)
        assert first.lead_id == second.lead_id
        assert first.legacy_id != second.legacy_id
        for call in (first, second):
            found = await bench.core.call_commands.get(call.legacy_id)
            assert found is not None
            assert found.id == call.id
