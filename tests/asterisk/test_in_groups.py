"""In-groups as queues of a real Asterisk: changed while callers wait, kept over a restart of the bridge."""

from __future__ import annotations

from service import Bridge
from stack import Carrier, until

from bridge.ami.actions import QueueStatus
from bridge.ami.client import AmiClient
from bridge.ami.events import QueueMember

DID = "7275551234"


async def members(asterisk: AmiClient) -> dict[str, str]:
    """The queues that have a member, and why she is paused there; `-` if she is not."""
    rows = [row for row in await asterisk.send_list(QueueStatus()) if isinstance(row, QueueMember)]
    return {row.queue: row["PausedReason"] if row["Paused"] == "1" else "-" for row in rows}


async def are_members(asterisk: AmiClient, **wanted: str) -> None:
    async def look() -> bool:
        return await members(asterisk) == wanted

    await until(look, f"members {wanted}")


async def inbound_call(bridge: Bridge) -> dict[str, str]:
    async def look() -> dict[str, str] | None:
        calls = await bridge.get("/calls?limit=1")
        return calls[0] if calls else None

    return await until(look, "a call from outside")


async def change(bridge: Bridge, value: str, choices: str, **more: str) -> str:
    given = {"agent_user": "1000", "value": value, "blended": "NO", "ingroup_choices": choices}
    return await bridge.agc("change_ingroups", **given | more)


async def test_a_waiting_caller_reaches_her_who_joins_his_queue(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    await bridge.log_in("1000")
    reply = await change(bridge, "CHANGE", " SUPPORT -")
    assert reply == "SUCCESS: change_ingroups function set - crm|1000| SUPPORT -|NO|\n"
    assert await members(asterisk) == {"SUPPORT": "LOGIN"}, "told before the reply"
    assert (await bridge.agc("pause_code", agent_user="1000", value="LUNCH")).startswith("SUCCESS")
    assert await members(asterisk) == {"SUPPORT": "LUNCH"}
    await bridge.post("/agents/1000/resume")
    await are_members(asterisk, SUPPORT="-")

    await carrier.call_in(DID, "7275550777")
    call = await inbound_call(bridge)
    await bridge.call_is(call["id"], "queued")
    assert await bridge.agc("calls_in_queue_count", agent_user="1000", value="DISPLAY") == (
        "SUCCESS: calls_in_queue_count - 0"
    ), "he waits in a queue that is not hers"

    reply = await change(bridge, "ADD", " SALESLINE -")
    assert reply == "SUCCESS: change_ingroups function set - crm|1000| SUPPORT SALESLINE -|NO|\n"
    assert (await bridge.call_is(call["id"], "bridged"))["agent"] == "1000"
    assert await members(asterisk) == {"SUPPORT": "-", "SALESLINE": "-"}
    await carrier.hang_up_network()
    await bridge.agent_is("1000", "ready")


async def test_who_waits_is_counted_until_she_leaves_his_queue(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    await bridge.log_in("1000")
    await carrier.call_in(DID, "7275550777")
    call = await inbound_call(bridge)
    await bridge.call_is(call["id"], "queued")

    async def count() -> str:
        reply = await bridge.agc("calls_in_queue_count", agent_user="1000", value="DISPLAY")
        return reply.removeprefix("SUCCESS: calls_in_queue_count - ")

    assert await count() == "1"
    reply = await change(bridge, "REMOVE", " SALESLINE -")
    assert reply == "SUCCESS: change_ingroups function set - crm|1000| -|NO|\n"
    assert await members(asterisk) == {}
    assert await count() == "0"
    await carrier.hang_up_network()
    await bridge.call_is(call["id"], "disposed")


async def test_a_queue_that_asterisk_lacks_is_told_by_name(bridge: Bridge, asterisk: AmiClient) -> None:
    await bridge.log_in("1000")
    reply = await change(bridge, "ADD", " NOWHERE -")
    assert reply == ("ERROR: change_ingroups failed, Asterisk pbx has no queue NOWHERE - ADD|1000\n")
    assert await members(asterisk) == {"SALESLINE": "LOGIN"}
    told = [event["type"] for event in await bridge.events("agents/1000")]
    assert "agent.queues" not in told


async def test_her_choice_holds_at_the_next_login_and_over_a_restart(
    bridge: Bridge, asterisk: AmiClient
) -> None:
    await bridge.log_in("1000")
    reply = await change(bridge, "CHANGE", " SUPPORT -", set_as_default="YES")
    assert reply.endswith("|NO|User settings set as default\n")
    await bridge.stop()
    await bridge.start()
    await are_members(asterisk, SUPPORT="LOGIN")
    await bridge.post("/agents/1000/logout")
    await are_members(asterisk)
    await bridge.log_in("1000")
    await are_members(asterisk, SUPPORT="LOGIN")
