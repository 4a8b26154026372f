#!/usr/bin/env python3
"""A call is over: how did it end?

    exten => h,1,AGI(agi://127.0.0.1:4573/call_end)

Runs on a dead channel. Reads: BRIDGE_CALL_ID, DIALSTATUS, HANGUPCAUSE, ANSWEREDTIME, DIALEDTIME, AMDSTATUS,
AMDCAUSE and BRIDGE_DECISION, as far as they are set.

Sets, once the report is kept safe (by the bridge, or on disk by the relay): BRIDGE_ACK=call_end:<call id>.
"""

from __future__ import annotations

import time

from bridge.agi.desk import CallDesk, CallReport
from bridge.agi.session import AgiSession
from bridge.agi.steps import acknowledge, seconds

_VARIABLES = (
    "BRIDGE_CALL_ID",
    "DIALSTATUS",
    "HANGUPCAUSE",
    "ANSWEREDTIME",
    "DIALEDTIME",
    "AMDSTATUS",
    "AMDCAUSE",
    "BRIDGE_DECISION",
    "CHANNEL(linkedid)",
)


async def run(agi: AgiSession, desk: CallDesk) -> None:
    """Report."""
    given = await agi.get_variables(*_VARIABLES)
    report = CallReport(
        call_id=given["BRIDGE_CALL_ID"],
        channel=agi.channel,
        unique_id=agi.unique_id,
        linked_id=given["CHANNEL(linkedid)"],
        dialstatus=given["DIALSTATUS"],
        hangupcause=seconds(given["HANGUPCAUSE"]) or 0,
        answered_seconds=seconds(given["ANSWEREDTIME"]),
        dialed_seconds=seconds(given["DIALEDTIME"]),
        amd_status=given["AMDSTATUS"],
        amd_cause=given["AMDCAUSE"],
        decision=given["BRIDGE_DECISION"],
        reported_at=time.time(),
    )
    await desk.call_end(report)
    await acknowledge(agi, "call_end", report.call_id)


if __name__ == "__main__":
    from bridge.agi.stdio import main

    main(run)
