"""The dialplan's account of a call's end, as the desk takes it."""

from __future__ import annotations

from typing import Any

import pytest
from core_bench import Bench, ami_event
from desk_questions import PHONE, answered, caller, start

from bridge.agi.desk import CallReport
from bridge.ami.events import Hangup
from bridge.calls.model import CallState
from bridge.desk import Desk


class TestAReport:
    async def test_ends_and_disposes_a_call_nobody_answered(self, bench: Bench, desk: Desk) -> None:
        call_id = (await desk.call_start(start())).call_id
        await desk.call_end(CallReport(call_id=call_id, dialstatus="BUSY", hangupcause=17))
        call = await bench.call(call_id)
        assert (call.status, call.dial_status, call.hangup_cause) == ("AB", "BUSY", 17)

    async def test_that_comes_twice_changes_nothing(self, bench: Bench, desk: Desk) -> None:
        call_id = (await desk.call_start(start())).call_id
        await desk.call_end(CallReport(call_id=call_id, dialstatus="BUSY", hangupcause=17))
        before = await bench.call(call_id), await bench.told()
        await desk.call_end(CallReport(call_id=call_id, dialstatus="NOANSWER", hangupcause=19))
        assert (await bench.call(call_id), await bench.told()) == before

    @pytest.mark.parametrize(
        ("report", "status"),
        [({"decision": "drop"}, "DROP"), ({"amd_status": "MACHINE"}, "AA"), ({}, "PU")],
    )
    async def test_of_an_answered_call_without_an_agent(
        self, bench: Bench, desk: Desk, report: dict[str, Any], status: str
    ) -> None:
        call = await answered(bench)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await bench.call(call.id)).state is CallState.ENDED
        await desk.call_end(CallReport(call_id=call.id, hangupcause=16, **report))
        assert (await bench.call(call.id)).status == status

    async def test_finds_the_call_by_its_channel(self, bench: Bench, desk: Desk) -> None:
        call_id = (await caller(bench)).call_id
        await desk.call_end(CallReport(call_id="", unique_id=PHONE, hangupcause=16))
        assert (await bench.call(call_id)).ended_at is not None

    @pytest.mark.parametrize(
        "ids", [{"call_id": "nobody"}, {"call_id": "", "unique_id": "x"}, {"call_id": ""}]
    )
    async def test_of_an_unknown_call_harms_nobody(
        self, bench: Bench, desk: Desk, ids: dict[str, Any]
    ) -> None:
        call = await bench.dial()
        await desk.call_end(CallReport(**ids))
        assert (await bench.call(call.id)).state is CallState.SENT
