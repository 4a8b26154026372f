"""The desk and a customer who calls us: her queue, her lead, one call."""

from __future__ import annotations

from typing import Any

import pytest
from core_bench import CUSTOMER, MAIN, Bench, ami_event
from desk_questions import PHONE, all_calls, at_the_same_time, caller

from bridge.agi.desk import InboundCall
from bridge.ami.events import QueueCallerJoin
from bridge.calls.model import CallKind, CallState
from bridge.campaigns.model import Did
from bridge.desk import Desk
from bridge.errors import DialRefused
from bridge.leads.model import NewLead
from bridge.services import DialRequest


class TestAnInboundCall:
    async def test_waits_in_the_queue_of_its_number(self, bench: Bench, desk: Desk) -> None:
        lead_id = await bench.core.leads.add(NewLead(list_id=998, phone_number=CUSTOMER))
        found = await caller(bench)
        assert (found.queue, found.lead_id) == ("SALES", lead_id)
        call = await bench.call(found.call_id)
        assert (call.kind, call.state, call.number) == (CallKind.INBOUND, CallState.QUEUED, CUSTOMER)
        assert call.did == "7275551234"
        assert (call.channel, call.campaign, call.asterisk) == (PHONE, "WRAPUP", MAIN)
        assert (call.wrapup_seconds, call.default_status) == (40, "TALKED")
        assert call.legacy_id.startswith("Y")
        del desk

    @pytest.mark.parametrize("did", ["7275550000", "7275559999", "", "\0"])
    async def test_to_a_number_that_is_not_ours_waits_in_the_default_queue(
        self, desk: Desk, bench: Bench, did: str
    ) -> None:
        found = await desk.inbound(InboundCall(did=did, channel="", unique_id=PHONE))
        assert (found.queue, found.lead_id) == ("", None)
        assert (await bench.call(found.call_id)).campaign == ""

    @pytest.mark.parametrize("queue", ["SUPPORT", ""])
    async def test_waits_where_a_changed_did_sends_it(self, bench: Bench, desk: Desk, queue: str) -> None:
        await bench.core.site.put(Did(number="7275551234", queue=queue, campaign="WRAPUP"))
        found = await desk.inbound(InboundCall(did="7275551234", channel="", unique_id=PHONE))
        call = await bench.call(found.call_id)
        assert (found.queue, call.queue, call.did, call.campaign) == (queue, queue, "7275551234", "WRAPUP")

    async def test_asked_again_is_the_same_call(self, bench: Bench) -> None:
        first = await caller(bench)
        assert await caller(bench) == first
        assert len(await all_calls(bench)) == 1

    async def test_asked_twice_at_once_is_one_call(self, bench: Bench, desk: Desk) -> None:
        asked = InboundCall(did="7275551234", channel="", unique_id=PHONE)
        first, second = await at_the_same_time(lambda: desk.inbound(asked), lambda: desk.inbound(asked))
        assert first == second
        assert len(await all_calls(bench)) == 1

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("", ""),
            ("+1 (727) 555-0100", "+17275550100"),
            ("anonymous", ""),
            ("1" * 60, "1" * 20),
            ("7275550100\r\nX: y\0", "7275550100"),
        ],
    )
    async def test_keeps_of_its_number_what_is_one(self, bench: Bench, given: str, kept: str) -> None:
        assert (await bench.call((await caller(bench, number=given)).call_id)).number == kept

    async def test_lead_who_calls_twice_in_one_second_has_two_calls(self, bench: Bench) -> None:
        await bench.core.leads.add(NewLead(list_id=998, phone_number=CUSTOMER))
        first, second = await caller(bench, "1.1"), await caller(bench, "1.2")
        assert first.lead_id == second.lead_id
        ids = {(await bench.call(one.call_id)).legacy_id for one in (first, second)}
        assert len(ids) == 2


class TestACallerWhomTheRelayHasQueued:
    """No bridge had answered in time, and then one did after all."""

    async def test_goes_to_the_queue_of_her_number_when_she_is_asked_about_again(
        self, bench: Bench, desk: Desk
    ) -> None:
        first = await caller(bench)
        await bench.happens(ami_event(QueueCallerJoin, Uniqueid=PHONE, Queue="default"))
        assert (await bench.call(first.call_id)).queue == "default"
        again = await desk.inbound(
            InboundCall(did="7275551234", channel="PJSIP/carrier-1", unique_id=PHONE, caller_number=CUSTOMER)
        )
        assert again == first


class TestOptingOutByCallingBack:
    async def line(self, bench: Bench, **fields: Any) -> None:
        await bench.core.site.put(Did(number="7275551234", queue="SALES", campaign="WRAPUP", **fields))

    async def test_whoever_calls_the_line_is_called_no_more(self, bench: Bench, desk: Desk) -> None:
        await self.line(bench, opt_out=True)
        rings = await bench.core.call_commands.dial(DialRequest(campaign="QUICK", number=CUSTOMER))
        asked = InboundCall(did="+7275551234", channel="", unique_id=PHONE, caller_number=f"+1{CUSTOMER}")
        found = await desk.inbound(asked)
        assert found.opted_out
        (entry,) = await bench.core.leads.dnc_hits(CUSTOMER)
        assert (entry.campaign, entry.added_by) == ("", f"called back, call {found.call_id}")
        assert (await bench.call(rings.id)).hangup_asked_at is not None, "what just rings at hers"
        with pytest.raises(DialRefused, match="do-not-call"):
            await bench.core.call_commands.dial(DialRequest(campaign="QUICK", number=CUSTOMER))
        assert await desk.inbound(asked) == found
        assert (await bench.told()).count("call.opted_out") == 1

    @pytest.mark.parametrize("number", ["", "anonymous", "12"])
    async def test_of_whom_no_number_is_known_waits_for_a_person(
        self, bench: Bench, desk: Desk, number: str
    ) -> None:
        await self.line(bench, opt_out=True)
        found = await desk.inbound(
            InboundCall(did="7275551234", channel="", unique_id=PHONE, caller_number=number)
        )
        assert (found.queue, found.opted_out) == ("SALES", False)
        assert await bench.core.leads.dnc() == []

    async def test_a_line_that_is_off_is_an_unknown_number(self, bench: Bench, desk: Desk) -> None:
        await self.line(bench, opt_out=True, active=False)
        found = await desk.inbound(
            InboundCall(did="7275551234", channel="", unique_id=PHONE, caller_number=CUSTOMER)
        )
        assert not found.opted_out
        assert await bench.core.leads.dnc() == []

    async def test_a_key_is_offered_before_she_waits(self, bench: Bench, desk: Desk) -> None:
        await self.line(bench, opt_out_key="9", opt_out_sound="custom/no-more")
        found = await caller(bench)
        assert (found.message, found.key, found.queue) == ("custom/no-more", "9", "SALES")
        assert await bench.core.leads.dnc() == []
        await desk.opt_out(found.call_id, "9")
        (entry,) = await bench.core.leads.dnc_hits(CUSTOMER)
        assert entry.added_by == f"key 9 in call {found.call_id}"
