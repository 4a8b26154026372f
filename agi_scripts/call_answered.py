#!/usr/bin/env python3
"""A call that was dialled alone has been answered: who takes it?

    same => n(ask),AGI(agi://127.0.0.1:4573/call_answered)

Reads: BRIDGE_CALL_ID.

Sets: BRIDGE_DECISION, one of `room` (an agent is taken: send this channel into BRIDGE_ROOM), `detect` (run
AMD() for BRIDGE_DETECT ms at most, then the script `call_screened`), `wait` (nobody yet: ask again after
BRIDGE_WAIT seconds) and `drop` (nobody in time: play BRIDGE_MESSAGE, if there is one, take BRIDGE_KEY for an
opt-out, and hang up). Last, BRIDGE_ACK=call_answered:<call id>.
"""

from __future__ import annotations

from bridge.agi.desk import CallDesk
from bridge.agi.session import AgiSession
from bridge.agi.steps import acknowledge, set_variables


async def run(agi: AgiSession, desk: CallDesk) -> None:
    """Ask, and leave the answer in channel variables."""
    call_id = (await agi.get_variables("BRIDGE_CALL_ID"))["BRIDGE_CALL_ID"] or ""
    decision = await desk.call_answered(call_id, agi.channel)
    answer = {"ROOM": decision.room, "WAIT": f"{decision.wait:g}", "DETECT": f"{decision.wait * 1000:.0f}"}
    answer |= {"MESSAGE": decision.message, "KEY": decision.key}
    await set_variables(agi, {**answer, "DECISION": decision.action})
    await acknowledge(agi, "call_answered", call_id)


if __name__ == "__main__":
    from bridge.agi.stdio import main

    main(run)
