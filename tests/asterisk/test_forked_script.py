"""The same scripts, run by Asterisk as child processes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from service import Bridge
from stack import Stack, until

from bridge.ami.actions import CoreShowChannels, Getvar, Originate
from bridge.ami.client import AmiClient

CONTEXT = "test-forked"


@pytest.fixture
async def dialplan(stack: Stack) -> AsyncIterator[None]:
    """A context whose one step runs `call_start.py`, and then waits to be looked at."""
    for line in (
        "7275550106,1,Set(BRIDGE_PHONE=1000)",
        "7275550106,2,AGI(call_start.py)",
        "7275550106,3,Wait(5)",
    ):
        exten, priority, rest = line.split(",", 2)
        app, _, data = rest.rstrip(")").partition("(")
        stack.run(
            "asterisk",
            "asterisk",
            "-rx",
            f"dialplan add extension {exten},{priority},{app},{data} into {CONTEXT}",
        )
    yield
    stack.run("asterisk", "asterisk", "-rx", f"dialplan remove context {CONTEXT}")


async def test_a_forked_script_gets_the_bridges_answer(
    bridge: Bridge, asterisk: AmiClient, dialplan: None
) -> None:
    del dialplan
    await bridge.log_in("1000")
    await asterisk.send(
        Originate(channel=f"Local/7275550106@{CONTEXT}/n", context="bridge-room", exten="8600999")
    )

    async def answered() -> dict[str, str] | None:
        for row in await asterisk.send_list(CoreShowChannels()):
            if row.application == "Wait":
                names = ("BRIDGE_DECISION", "BRIDGE_DIAL", "BRIDGE_CALL_ID", "BRIDGE_ACK")
                return {
                    name: await asterisk.send(Getvar(channel=row.channel, variable=name)) for name in names
                }
        return None

    answer = await until(answered, "a channel that has run the script")
    assert answer["BRIDGE_DECISION"] == "allow"
    assert answer["BRIDGE_DIAL"] == "PJSIP/7275550106@carrier"
    assert answer["BRIDGE_ACK"] == f"call_start:{answer['BRIDGE_CALL_ID']}"
    call = await bridge.get(f"/calls/{answer['BRIDGE_CALL_ID']}")
    assert (call["kind"], call["number"]) == ("DC", "7275550106")
