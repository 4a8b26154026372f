#!/usr/bin/env python3
"""A queue offers an inbound call to an agent: does she take it?

    same => n,AGI(agi://127.0.0.1:4573/agent_offer)

Runs on the member's channel, before it joins the agent's room. Reads: BRIDGE_ROOM, the agent's room (or
BRIDGE_MEMBER, her user name), BRIDGE_CALL_ID and, if set, BRIDGE_QUEUE.

Sets: BRIDGE_DECISION, `take` (BRIDGE_ROOM is where to go), `ring` (she is on hook: BRIDGE_PHONE_DIAL is her
phone, which is dialled first) or `busy` (BRIDGE_REASON says why; the queue shall try the next). Last,
BRIDGE_ACK=agent_offer:<call id>.
"""

from __future__ import annotations

from bridge.agi.desk import CallDesk
from bridge.agi.session import AgiSession
from bridge.agi.steps import acknowledge, set_variables


async def run(agi: AgiSession, desk: CallDesk) -> None:
    """Ask, and leave the answer in channel variables."""
    given = await agi.get_variables("BRIDGE_MEMBER", "BRIDGE_ROOM", "BRIDGE_CALL_ID", "BRIDGE_QUEUE")
    member, call_id = given["BRIDGE_MEMBER"] or given["BRIDGE_ROOM"], given["BRIDGE_CALL_ID"]
    decision = await desk.agent_offer(member, call_id, agi.channel, given["BRIDGE_QUEUE"])
    if decision.taken and decision.phone:
        await set_variables(agi, {"ROOM": decision.room, "PHONE_DIAL": decision.phone, "DECISION": "ring"})
    elif decision.taken:
        await set_variables(agi, {"ROOM": decision.room, "DECISION": "take"})
    else:
        await set_variables(agi, {"REASON": decision.reason, "DECISION": "busy"})
    await acknowledge(agi, "agent_offer", call_id)


if __name__ == "__main__":
    from bridge.agi.stdio import main

    main(run)
