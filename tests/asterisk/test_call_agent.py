"""An agent's phone rung again: the new one takes the place of the old one, in the middle of a call."""

from __future__ import annotations

from service import Bridge
from stack import Carrier, until

from bridge.ami.actions import ConfbridgeList
from bridge.ami.client import AmiClient


async def phones(asterisk: AmiClient, room: str) -> list[str]:
    """Names of the phones in a room."""
    rows = await asterisk.send_list(ConfbridgeList(room))
    return [row.channel for row in rows if row.channel.startswith("PJSIP/1000-")]


async def is_only(asterisk: AmiClient, room: str, *, but: str) -> str:
    """Wait until one phone is in a room, and it is another one."""

    async def look() -> str:
        there = await phones(asterisk, room)
        return there[0] if len(there) == 1 and there != [but] else ""

    return await until(look, "another phone alone in the room")


async def test_she_goes_on_with_her_call_on_the_new_phone(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    room = (await bridge.log_in("1000"))["room"]
    (first,) = await phones(asterisk, room)
    call = await bridge.post("/calls", {"agent": "1000", "number": "7275550111"})
    await bridge.call_is(call["id"], "bridged")
    await carrier.listen("1000")
    assert await bridge.agc("call_agent", agent_user="1000", value="CALL") == (
        "SUCCESS: call_agent function sent - 1000\n"
    )
    second = await is_only(asterisk, room, but=first)
    await carrier.until_heard("1000", "the customer's tone", lambda it: it.hears(1004))
    assert (await bridge.agent("1000"))["state"] == "incall"
    await bridge.post(f"/calls/{call['id']}/hangup")
    await bridge.agent_is("1000", "paused")

    assert (await bridge.agc("call_agent", agent_user="1000", value="CALL")).startswith("SUCCESS")
    await is_only(asterisk, room, but=second)
    assert (await bridge.agc("logout", agent_user="1000", value="LOGOUT")).startswith("SUCCESS")


async def test_a_new_phone_that_is_not_answered_changes_nothing(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    room = (await bridge.log_in("1000"))["room"]
    before = await phones(asterisk, room)
    await carrier.set_phone("1000", "reject")
    await bridge.agc("call_agent", agent_user="1000", value="CALL")

    async def failed() -> bool:
        told = [event["data"].get("stage") for event in await bridge.events("agents/1000")]
        return told[-2:] == ["ringing", "failed"]

    await until(failed, "a phone that has not been answered")
    assert await phones(asterisk, room) == before
    assert (await bridge.agent("1000"))["state"] == "paused"


async def test_over_a_restart_of_the_bridge_the_new_phone_stays_hers(
    bridge: Bridge, asterisk: AmiClient
) -> None:
    room = (await bridge.log_in("1000"))["room"]
    (first,) = await phones(asterisk, room)
    await bridge.agc("call_agent", agent_user="1000", value="CALL")
    second = await is_only(asterisk, room, but=first)
    await bridge.kill()
    await bridge.start()
    assert await phones(asterisk, room) == [second]
    assert (await bridge.agent("1000"))["state"] == "paused"
