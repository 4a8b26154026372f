#!/usr/bin/env python3
"""Whoever hears a recorded message has pressed the key by which further calls are forbidden.

    same => n,Gosub(bridge-agi,opt_out,1)

Reads: BRIDGE_CALL_ID, BRIDGE_PRESSED.

Sets, once her number is on the do-not-call list: BRIDGE_ACK=opt_out:<call id>.
"""

from __future__ import annotations

from bridge.agi.desk import CallDesk
from bridge.agi.session import AgiSession
from bridge.agi.steps import acknowledge


async def run(agi: AgiSession, desk: CallDesk) -> None:
    """Tell."""
    given = await agi.get_variables("BRIDGE_CALL_ID", "BRIDGE_PRESSED")
    call_id = given["BRIDGE_CALL_ID"] or ""
    await desk.opt_out(call_id, given["BRIDGE_PRESSED"] or "")
    await acknowledge(agi, "opt_out", call_id)


if __name__ == "__main__":
    from bridge.agi.stdio import main

    main(run)
