"""The desk and a call that begins on a phone."""

from __future__ import annotations

import pytest
from core_bench import CUSTOMER, Bench, ami_event
from desk_questions import PHONE, all_calls, at_the_same_time, caller, start

from bridge.agi.desk import StartDecision
from bridge.ami.events import DialBegin, DialEnd, Hangup
from bridge.calls.model import CallKind, CallState
from bridge.campaigns.model import Campaign
from bridge.desk import Desk

CLOSED_TEST, CLOSED_DEFAULT = (
    Campaign(id=name, trunk="carrier", active=False) for name in ("TEST", "default")
)


class TestACallFromAPhone:
    async def test_may_leave_as_the_site_says(self, bench: Bench, desk: Desk) -> None:
        decision = await desk.call_start(start())
        call = await bench.call(decision.call_id)
        assert decision == StartDecision.allow(call.id, call.dial, "", 60)
        assert (call.kind, call.campaign) == (CallKind.DIALPLAN, "default")
        assert call.dial == f"PJSIP/{CUSTOMER}@carrier"
        assert bench.ami.sent == [], "the dialplan dials"

    async def test_of_an_agent_is_her_campaigns(self, bench: Bench, desk: Desk) -> None:
        await bench.log_in("1000", "TEST")
        decision = await desk.call_start(start(phone="1000"))
        call = await bench.call(decision.call_id)
        assert (call.campaign, call.asked_by, decision.caller_id) == ("TEST", "1000", "7275550000")

    async def test_is_followed_to_its_end(self, bench: Bench, desk: Desk) -> None:
        call_id = (await desk.call_start(start())).call_id
        await bench.happens(
            ami_event(DialBegin, Uniqueid=PHONE, DestUniqueid="cust"),
            ami_event(DialEnd, Uniqueid=PHONE, DestUniqueid="cust", DialStatus="ANSWER"),
        )
        assert (await bench.call(call_id)).state is CallState.BRIDGED
        await bench.happens(ami_event(Hangup, Uniqueid=PHONE, Cause=16))
        assert (await bench.call(call_id)).state is CallState.DISPOSED

    async def test_asked_again_is_the_same_call(self, bench: Bench, desk: Desk) -> None:
        first = await desk.call_start(start())
        assert await desk.call_start(start()) == first
        await bench.happens(ami_event(DialBegin, Uniqueid=PHONE, DestUniqueid="cust"))
        assert await desk.call_start(start()) == first, "also when it has begun to dial"
        assert len(await all_calls(bench)) == 1

    async def test_asked_twice_at_once_is_one_call(self, bench: Bench, desk: Desk) -> None:
        first, second = await at_the_same_time(
            lambda: desk.call_start(start()), lambda: desk.call_start(start())
        )
        assert first == second
        assert len(await all_calls(bench)) == 1

    async def test_of_another_call_on_the_channel_is_refused(self, bench: Bench, desk: Desk) -> None:
        """A permit is for one number; a caller who is sent out again by the dialplan has none."""
        first = await desk.call_start(start())
        assert first.allowed
        assert (await desk.call_start(start())) == first, "the same question once more"
        for number in ("19005551234", "7275550111"):
            assert not (await desk.call_start(start(number))).allowed
        known = await caller(bench, "1732420800.99")
        out = await desk.call_start(start("19005551234", unique_id="1732420800.99"))
        assert (out.allowed, out.dial, out.call_id) == (False, "", known.call_id)

    async def test_that_is_being_hung_up_is_not_let_out_again(self, bench: Bench, desk: Desk) -> None:
        first = await desk.call_start(start())
        await bench.core.call_commands.hangup(first.call_id, asked_by="")
        assert not (await desk.call_start(start())).allowed

    async def test_can_be_hung_up_by_its_phone(self, bench: Bench, desk: Desk) -> None:
        call_id = (await desk.call_start(start())).call_id
        await bench.core.call_commands.hangup(call_id, asked_by="")
        assert [action.channel for action in bench.ami.named("Hangup")] == [PHONE]

    @pytest.mark.parametrize(
        ("number", "rule"), [("911", "emergency"), ("12", "not_a_number"), ("7275550111", "dnc_system")]
    )
    async def test_that_may_not_leave_is_on_record(
        self, bench: Bench, desk: Desk, number: str, rule: str
    ) -> None:
        await bench.core.leads.add_dnc("7275550111")
        decision = await desk.call_start(start(number))
        assert (decision.allowed, decision.reason) == (False, rule)
        call = await bench.call(decision.call_id)
        assert (call.state, call.number) == (CallState.DISPOSED, number)

    @pytest.mark.parametrize("campaign", ["CLOSED", None])
    async def test_needs_a_campaign(self, bench: Bench, desk: Desk, campaign: str | None) -> None:
        if campaign:
            await bench.log_in("1000", "TEST")
            await bench.core.site.put(CLOSED_TEST)
        else:
            await bench.core.site.put(CLOSED_DEFAULT)
        assert await desk.call_start(start(phone="1000")) == StartDecision.refuse("no_campaign")

    async def test_needs_a_trunk(self, bench: Bench, desk: Desk) -> None:
        await bench.log_in("1000", "GONE")
        assert await desk.call_start(start(phone="1000")) == StartDecision.refuse("invalid-input")
