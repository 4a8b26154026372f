#!/usr/bin/env python3
"""Detection has run for a call that was dialled alone and answered: a person, or a machine?

    same => n,Gosub(bridge-agi,call_screened,1)

Reads: BRIDGE_CALL_ID, AMDSTATUS, AMDCAUSE.

Sets: BRIDGE_DECISION, one of `ask` (a person: the script `call_answered` says who takes her), `machine`
(hang up), `message` (leave BRIDGE_MESSAGE after the tone, and take BRIDGE_KEY for an opt-out) and `drop`
(nobody can say: play BRIDGE_MESSAGE, if there is one, and hang up). Last, BRIDGE_ACK=call_screened:<call id>.
"""

from __future__ import annotations

from bridge.agi.desk import CallDesk
from bridge.agi.session import AgiSession
from bridge.agi.steps import acknowledge, set_variables


async def run(agi: AgiSession, desk: CallDesk) -> None:
    """Ask, and leave the answer in channel variables."""
    given = await agi.get_variables("BRIDGE_CALL_ID", "AMDSTATUS", "AMDCAUSE")
    call_id = given["BRIDGE_CALL_ID"] or ""
    decision = await desk.call_screened(call_id, given["AMDSTATUS"] or "", given["AMDCAUSE"] or "")
    answer = {"MESSAGE": decision.message, "KEY": decision.key, "DECISION": decision.action}
    await set_variables(agi, answer)
    await acknowledge(agi, "call_screened", call_id)


if __name__ == "__main__":
    from bridge.agi.stdio import main

    main(run)
