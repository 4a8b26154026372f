"""Commands to calls, as the APIs give them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from core_bench import CUSTOMER, EAST, Bench, ami_event, refused

from bridge.ami.errors import InvalidAction, NotConnected, OutcomeUnknown, PermissionDenied
from bridge.ami.events import Hangup, Newchannel, Newstate
from bridge.ami.message import Message
from bridge.calls.commands import CallCommands
from bridge.calls.model import CallKind, CallState, StatusSource
from bridge.calls.translate import UP
from bridge.errors import (
    AsteriskRefused,
    AsteriskUnavailable,
    DialRefused,
    InvalidState,
    NoSuchCall,
    NoSuchCampaign,
    NoSuchLead,
    OriginateRefused,
    OriginateUnknown,
)
from bridge.ids import uuid7
from bridge.rules import PermitMisused
from bridge.services import CallQuery, DialRequest

UNSENDABLE: dict[str, Any] = {
    "expired permit": PermitMisused("ran out"),
    "words that cannot be sent": InvalidAction("a line break"),
}


@pytest.fixture
def commands(bench: Bench) -> CallCommands:
    return bench.core.call_commands


async def newest(bench: Bench) -> Any:
    (call,) = await bench.core.call_commands.list(CallQuery(limit=1))
    return call


class TestDial:
    async def test_is_committed_and_sent_once(self, bench: Bench) -> None:
        call = await bench.dial()
        assert (call.kind, call.state) == (CallKind.AUTO, CallState.SENT)
        assert await bench.call(call.id) == call
        assert bench.ami.ids == [call.id]
        assert await bench.told(f"calls/{call.id}") == ["call.planned"]

    async def test_goes_to_the_asterisk_of_the_trunk(self, bench: Bench) -> None:
        await bench.dial("EAST")
        assert [len(bench.amis[name].named("Originate")) for name in ("main", EAST)] == [0, 1]

    @pytest.mark.parametrize("campaign", ["", "NOBODYS", "CLOSED"])
    async def test_needs_an_active_campaign(self, bench: Bench, campaign: str) -> None:
        with pytest.raises(NoSuchCampaign):
            await bench.dial(campaign)
        assert bench.ami.sent == []
        assert await bench.told() == []

    async def test_needs_the_lead_that_it_names(self, bench: Bench) -> None:
        with pytest.raises(NoSuchLead):
            await bench.dial(lead_id=4711)

    async def test_writes_nothing_while_asterisk_is_down(self, bench: Bench) -> None:
        bench.ami.lose_link()
        with pytest.raises(AsteriskUnavailable):
            await bench.dial()
        assert await bench.told() == []

    async def test_refused_is_on_record_with_its_rule_and_nothing_is_sent(self, bench: Bench) -> None:
        await bench.core.leads.add_dnc(CUSTOMER)
        with pytest.raises(DialRefused) as refusal:
            await bench.dial(asked_by="crm")
        assert refusal.value.rule == "dnc_system"
        assert refusal.value.details["source"]
        call = await newest(bench)
        assert (call.state, call.status, call.end_reason) == (CallState.DISPOSED, "DNCL", "refused")
        assert (call.number, call.asked_by) == (CUSTOMER, "crm")
        assert bench.ami.sent == []
        told = await bench.told(f"calls/{call.id}")
        assert told == ["call.planned", "call.refused", "call.ended", "call.disposed"]

    async def test_asked_for_twice_with_one_id_is_made_once(self, bench: Bench) -> None:
        wanted = uuid7()
        first, second = await bench.dial(call_id=wanted), await bench.dial(call_id=wanted)
        assert first.id == second.id == wanted
        assert bench.ami.ids == [wanted]

    async def test_two_at_once_to_one_lead_have_ids_of_their_own(self, bench: Bench) -> None:
        first = await bench.dial()
        calls = await asyncio.gather(*(bench.dial(lead_id=first.lead_id) for _ in range(4)))
        for field in ("id", "legacy_id", "legacy_uniqueid"):
            assert len({getattr(call, field) for call in calls}) == 4

    async def test_that_was_not_sent_is_over_and_not_sent_later(self, bench: Bench) -> None:
        bench.ami.fails["Originate"] = NotConnected()
        with pytest.raises(AsteriskUnavailable):
            await bench.dial()
        call = await newest(bench)
        assert (call.state, call.end_reason) == (CallState.DISPOSED, "not_connected")
        assert call.status == "ADCT", "which says nothing against the number"
        assert bench.ami.ids == [call.id]

    async def test_that_asterisk_refuses_is_over(self, bench: Bench) -> None:
        bench.ami.fails["Originate"] = refused("no such trunk")
        with pytest.raises(OriginateRefused, match="no such trunk"):
            await bench.dial()
        assert (await newest(bench)).end_reason == "originate_refused"

    async def test_lost_in_mid_action_is_unknown_and_never_sent_again(self, bench: Bench) -> None:
        bench.ami.fails["Originate"] = OutcomeUnknown()
        with pytest.raises(OriginateUnknown) as unknown:
            await bench.dial()
        call = await newest(bench)
        assert call.state is CallState.UNKNOWN
        assert unknown.value.details == {"call": call.id}
        assert bench.ami.ids == [call.id]

    @pytest.mark.parametrize("way", ["expired permit", "words that cannot be sent"])
    async def test_that_could_not_be_put_into_words_is_over(self, bench: Bench, way: str) -> None:
        """Between commit and wire: nobody may be left with a call that never was."""
        bench.ami.fails["Originate"] = UNSENDABLE[way]
        with pytest.raises(type(UNSENDABLE[way])):
            await bench.dial()
        assert (await newest(bench)).state is CallState.DISPOSED


class TestHangup:
    async def test_by_any_id(self, bench: Bench, commands: CallCommands) -> None:
        call = await bench.dial()
        for any_id in (call.id, call.legacy_id, call.legacy_uniqueid):
            await commands.hangup(any_id, asked_by="")
        assert [action.channel for action in bench.ami.named("Hangup")] == [call.id] * 3

    async def test_asked_twice_is_no_error(self, bench: Bench, commands: CallCommands) -> None:
        call = await bench.dial()
        first = await commands.hangup(call.id, asked_by="")
        second = await commands.hangup(call.id, asked_by="")
        assert first.hangup_asked_at == second.hangup_asked_at is not None

    async def test_before_there_is_a_channel_is_remembered(
        self, bench: Bench, commands: CallCommands
    ) -> None:
        bench.ami.fails["Hangup"] = refused()
        call = await bench.dial()
        await commands.hangup(call.id, asked_by="")
        await bench.happens(ami_event(Newchannel, Uniqueid=call.id))
        assert [action.channel for action in bench.ami.named("Hangup")] == [call.id, call.id]

    async def test_of_what_is_over_is_refused(self, bench: Bench, commands: CallCommands) -> None:
        call = await bench.dial()
        await bench.happens(ami_event(Newchannel, Uniqueid=call.id), ami_event(Hangup, Uniqueid=call.id))
        with pytest.raises(InvalidState) as refusal:
            await commands.hangup(call.id, asked_by="")
        assert refusal.value.details["state"] == "disposed"

    async def test_without_a_link_is_said_and_done_later(self, bench: Bench, commands: CallCommands) -> None:
        call = await bench.dial()
        bench.ami.fails["Hangup"] = NotConnected()
        with pytest.raises(AsteriskUnavailable):
            await commands.hangup(call.id, asked_by="")
        assert (await bench.call(call.id)).hangup_asked_at is not None

    async def test_without_the_right_is_no_outage(self, bench: Bench, commands: CallCommands) -> None:
        call = await bench.dial()
        bench.ami.fails["Hangup"] = PermissionDenied("Permission denied", Message(b"Response: Error"))
        with pytest.raises(AsteriskRefused, match="Permission denied") as refusal:
            await commands.hangup(call.id, asked_by="")
        assert refusal.value.status == 502


class TestDispose:
    async def test_while_it_lasts_is_the_agents_word_at_its_end(
        self, bench: Bench, commands: CallCommands
    ) -> None:
        call = await bench.dial()
        assert (await commands.dispose(call.legacy_id, "SALE", asked_by="")).status == ""
        await bench.happens(ami_event(Newchannel, Uniqueid=call.id), ami_event(Hangup, Uniqueid=call.id))
        after = await bench.call(call.id)
        assert (after.status, after.status_source) == ("SALE", StatusSource.AGENT)

    async def test_is_done_once(self, bench: Bench, commands: CallCommands) -> None:
        call = await bench.dial()
        await bench.happens(ami_event(Newchannel, Uniqueid=call.id), ami_event(Hangup, Uniqueid=call.id))
        with pytest.raises(InvalidState):
            await commands.dispose(call.id, "SALE", asked_by="")


async def test_call_that_is_not_there(commands: CallCommands) -> None:
    with pytest.raises(NoSuchCall, match="nothing"):
        await commands.hangup("nothing", asked_by="")
    with pytest.raises(NoSuchCall, match="nothing"):
        await commands.dispose("nothing", "SALE", asked_by="")


async def test_call_and_its_story_can_be_read(bench: Bench, commands: CallCommands) -> None:
    call = await bench.dial()
    await bench.happens(
        ami_event(Newchannel, Uniqueid=call.id), ami_event(Newstate, Uniqueid=call.id, ChannelState=UP)
    )
    found = await commands.get(call.legacy_id)
    assert found is not None
    assert found.state is CallState.ANSWERED
    assert await commands.get("nothing") is None
    assert [record.type for record in await commands.timeline(call.id)] == [
        "call.planned",
        "call.dialing",
        "call.answered",
    ]
    assert [one.id for one in await commands.list(CallQuery(live=True))] == [call.id]


async def test_request_of_nobody_is_a_dial_of_the_campaign(commands: CallCommands) -> None:
    call = await commands.dial(DialRequest(number=CUSTOMER, campaign="WRAPUP"))
    assert (call.user, call.session_id, call.asked_by) == ("", "", "")
