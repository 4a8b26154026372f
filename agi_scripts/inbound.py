#!/usr/bin/env python3
"""A customer calls: who is she, and which queue does she join?

    same => n,AGI(agi://127.0.0.1:4573/inbound)

Reads: BRIDGE_DID, the number that was dialled (else the channel's dialled number), and the caller's number
and name.

Sets: BRIDGE_DECISION, `queue`, `refuse` or `opted_out` (her number is forbidden now: say so, hang up);
BRIDGE_QUEUE (empty: the dialplan's default queue); BRIDGE_MESSAGE, a sound that she hears first, and
BRIDGE_KEY, by which she then forbids further calls (both may be empty); BRIDGE_CALL_ID; BRIDGE_LEAD_ID,
empty if she is unknown; BRIDGE_SCREEN_<NAME> for each thing to show. Last, BRIDGE_ACK=inbound:<call id>.
"""

from __future__ import annotations

from bridge.agi.desk import CallDesk, InboundCall, InboundDecision
from bridge.agi.session import AgiSession
from bridge.agi.steps import acknowledge, dialled_number, known, set_variables


async def run(agi: AgiSession, desk: CallDesk) -> None:
    """Ask, and leave the answer in channel variables."""
    given = await agi.get_variables("BRIDGE_DID", "CHANNEL(linkedid)")
    decision = await desk.inbound(
        InboundCall(
            did=given["BRIDGE_DID"] or dialled_number(agi),
            channel=agi.channel,
            unique_id=agi.unique_id,
            linked_id=given["CHANNEL(linkedid)"],
            caller_number=known(agi.env.get("agi_callerid", "")),
            caller_name=known(agi.env.get("agi_calleridname", "")),
        )
    )
    await set_variables(agi, _answer(decision))
    await acknowledge(agi, "inbound", decision.call_id)


def _answer(decision: InboundDecision) -> dict[str, str]:
    lead = "" if decision.lead_id is None else str(decision.lead_id)
    return {
        **{f"SCREEN_{name}": value for name, value in decision.screen.items()},
        "QUEUE": decision.queue,
        "CALL_ID": decision.call_id,
        "LEAD_ID": lead,
        "MESSAGE": decision.message,
        "KEY": decision.key,
        "DECISION": _word(decision),
    }


def _word(decision: InboundDecision) -> str:
    if decision.refused:
        return "refuse"
    return "opted_out" if decision.opted_out else "queue"


if __name__ == "__main__":
    from bridge.agi.stdio import main

    main(run)
