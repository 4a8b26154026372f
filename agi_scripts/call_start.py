#!/usr/bin/env python3
"""A call begins in the dialplan (dialled on a phone, a third party, a Local channel): may it leave, and how?

    same => n,AGI(agi://127.0.0.1:4573/call_start)

Reads, all optional: BRIDGE_NUMBER, the number as dialled (else the channel's dialled number); BRIDGE_AGENT,
the agent's user name; BRIDGE_PHONE, the phone (else taken from the channel's name).

Sets: BRIDGE_DECISION, `allow` or `refuse`; BRIDGE_REASON, why not; and if allowed BRIDGE_CALL_ID,
BRIDGE_DIAL (for `Dial`), BRIDGE_CALLER_ID and BRIDGE_TIMEOUT (seconds to ring). Last,
BRIDGE_ACK=call_start:<call id>.
"""

from __future__ import annotations

from bridge.agi.desk import CallDesk, CallStart, StartDecision
from bridge.agi.session import AgiSession
from bridge.agi.steps import acknowledge, dialled_number, phone_of, set_variables


async def run(agi: AgiSession, desk: CallDesk) -> None:
    """Ask, and leave the answer in channel variables."""
    given = await agi.get_variables("BRIDGE_NUMBER", "BRIDGE_AGENT", "BRIDGE_PHONE", "CHANNEL(linkedid)")
    decision = await desk.call_start(
        CallStart(
            channel=agi.channel,
            unique_id=agi.unique_id,
            linked_id=given["CHANNEL(linkedid)"],
            number=given["BRIDGE_NUMBER"] or dialled_number(agi),
            caller_id=agi.env.get("agi_callerid", ""),
            context=agi.env.get("agi_context", ""),
            agent=given["BRIDGE_AGENT"],
            phone=given["BRIDGE_PHONE"] or phone_of(agi.channel),
        )
    )
    await set_variables(agi, _answer(decision))
    await acknowledge(agi, "call_start", decision.call_id)


def _answer(decision: StartDecision) -> dict[str, str]:
    if not decision.allowed:
        return {"DECISION": "refuse", "REASON": decision.reason, "CALL_ID": decision.call_id}
    return {
        "CALL_ID": decision.call_id,
        "DIAL": decision.dial,
        "CALLER_ID": decision.caller_id,
        "TIMEOUT": str(decision.timeout),
        "DECISION": "allow",
    }


if __name__ == "__main__":
    from bridge.agi.stdio import main

    main(run)
