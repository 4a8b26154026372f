"""A manager in an agent's room: who hears whom, by what each hears at the carrier."""

from __future__ import annotations

import pytest
from service import Bridge
from stack import Carrier, until
from test_conference_heard import AGENT_TONE, CUSTOMER, CUSTOMER_TONE, lately, talking

MANAGER, MANAGER_TONE = "1009", 440


async def let_in(bridge: Bridge, carrier: Carrier, way: str) -> None:
    """The manager's phone answers, makes its tone, and hears both."""
    await carrier.make_tone(MANAGER, MANAGER_TONE)
    await carrier.listen(MANAGER)
    await bridge.post("/agents/1000/monitor", {"phone": MANAGER, "way": way})
    await carrier.until_heard(
        MANAGER, "both of them", lambda it: lately(it).hears(AGENT_TONE) and lately(it).hears(CUSTOMER_TONE)
    )


@pytest.mark.parametrize(
    ("way", "agent_hears", "customer_hears"),
    [("listen", False, False), ("whisper", True, False), ("barge", True, True)],
)
async def test_a_manager_is_heard_by_whom_she_wants(
    bridge: Bridge, carrier: Carrier, way: str, *, agent_hears: bool, customer_hears: bool
) -> None:
    call_id = await talking(bridge, carrier, CUSTOMER)
    await let_in(bridge, carrier, way)
    for name, hears in (("1000", agent_hears), (CUSTOMER, customer_hears)):
        if hears:
            await carrier.until_heard(name, "the manager", lambda it: lately(it).hears(MANAGER_TONE))
        else:
            heard = await carrier.heard_by(name)
            assert not heard.hears(MANAGER_TONE, seconds=0.1), f"{name} hears the manager"
    assert "agent.monitored" in [event["type"] for event in await bridge.events("agents/1000")]
    assert (await bridge.call_is(call_id, "bridged"))["agent"] == "1000", "the call is what it was"


async def test_a_manager_goes_with_the_agent(bridge: Bridge, carrier: Carrier) -> None:
    await talking(bridge, carrier, CUSTOMER)
    await let_in(bridge, carrier, "listen")
    await bridge.post("/agents/1000/hangup", {})
    await bridge.agc("logout", agent_user="1000", value="LOGOUT")

    async def gone() -> bool:
        return not any(one.channel.startswith(f"PJSIP/{MANAGER}-") for one in await carrier.channels())

    await until(gone, "a manager's phone that is hung up")
