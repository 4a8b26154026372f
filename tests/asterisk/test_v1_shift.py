"""A shift under `/v1` on a real Asterisk: queues, pauses, dials, the lead, sounds and her phone."""

from __future__ import annotations

from typing import Any

from service import Bridge
from stack import Carrier, until
from test_machines import STATED

from bridge.ami.actions import ConfbridgeList, QueueStatus
from bridge.ami.client import AmiClient
from bridge.ami.events import QueueMember

DID, CUSTOMER, CUSTOMER_TONE = "7275551234", "7275550111", 1004
HER = "/agents/1000"


async def ask(bridge: Bridge, method: str, path: str, body: object = None) -> Any:
    reply = await bridge.api.request(method, f"/v1{path}", json=body)
    assert reply.is_success, reply.text
    return reply.json() if reply.content else None


async def refused(bridge: Bridge, method: str, path: str, body: object = None) -> str:
    reply = await bridge.api.request(method, f"/v1{path}", json=body)
    assert reply.status_code >= 400, reply.text
    return str(reply.json()["error_id"])


async def members(asterisk: AmiClient) -> dict[str, str]:
    """The queues that have a member, and why she is paused there; `-` if she is not."""
    rows = [row for row in await asterisk.send_list(QueueStatus()) if isinstance(row, QueueMember)]
    return {row.queue: row["PausedReason"] if row["Paused"] == "1" else "-" for row in rows}


async def are_members(asterisk: AmiClient, **wanted: str) -> None:
    async def look() -> bool:
        return await members(asterisk) == wanted

    await until(look, f"members {wanted}")


async def test_a_shift_from_login_to_logout(bridge: Bridge, asterisk: AmiClient) -> None:
    """Asterisk's queues know each step when the answer is here, or a moment later."""
    await bridge.log_in("1000")
    assert await members(asterisk) == {"SALESLINE": "LOGIN"}
    changed = await ask(bridge, "PUT", f"{HER}/queues", {"queues": ["SUPPORT"], "how": "add"})
    assert set(changed["queues"]) == {"SALESLINE", "SUPPORT"}
    await are_members(asterisk, SALESLINE="LOGIN", SUPPORT="LOGIN")
    await ask(bridge, "PUT", f"{HER}/pause-code", {"code": "LUNCH"})
    await are_members(asterisk, SALESLINE="LUNCH", SUPPORT="LUNCH")
    assert (await ask(bridge, "POST", f"{HER}/resume"))["state"] == "ready"
    await are_members(asterisk, SALESLINE="-", SUPPORT="-")
    assert await refused(bridge, "PUT", f"{HER}/pause-code", {"code": "LUNCH"}) == "agent-not-paused"
    assert (await ask(bridge, "POST", f"{HER}/pause", {"reason": "COFFEE"}))["state"] == "paused"
    await are_members(asterisk, SALESLINE="COFFEE", SUPPORT="COFFEE")
    assert await refused(bridge, "PUT", f"{HER}/queues", {"queues": ["NOWHERE"]}) == "no-such-queue"
    await ask(bridge, "POST", f"{HER}/logout")
    await are_members(asterisk)
    assert await refused(bridge, "GET", HER) == "agent-not-logged-in"


async def test_a_caller_waits_in_the_queue_and_is_answered(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    await bridge.log_in("1000")
    await carrier.call_in(DID, "7275550777")

    async def waiting() -> Any:
        queue = await bridge.get("/queues/SALESLINE")
        return queue if queue["callers"] else None

    queue = await until(waiting, "a caller in the queue")
    assert [(one["number"], one["campaign"]) for one in queue["callers"]] == [("7275550777", "TEST")]
    assert [(one["user"], one["state"]) for one in queue["agents"]] == [("1000", "paused")]
    assert [one["callers"] for one in await bridge.get("/queues") if one["name"] == "SUPPORT"] == [[]]
    call_id = queue["callers"][0]["call_id"]

    async def hers() -> bool:
        served: dict[str, Any] = await bridge.get(f"{HER}/queues")
        return served == {"queues": ["SALESLINE"], "waiting": 1}

    await bridge.call_is(call_id, "queued")
    await until(hers, "one caller who waits for her")
    await ask(bridge, "POST", f"{HER}/resume")
    assert (await bridge.call_is(call_id, "bridged"))["agent"] == "1000"
    assert (await bridge.get("/queues/SALESLINE"))["callers"] == []
    await carrier.hang_up_network()
    await bridge.agent_is("1000", "ready")
    await are_members(asterisk, SALESLINE="-")


async def test_a_lead_is_added_dialled_heard_and_changed(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.listen("1000")
    await bridge.log_in("1000")
    new = {"phone_number": CUSTOMER, "phone_code": "1", "first_name": "Ann", "check_dnc": True}
    lead = await ask(bridge, "POST", f"{HER}/leads", new)
    assert lead["list_id"] == 998
    assert await refused(bridge, "GET", f"{HER}/screen/lead") == "no-lead"
    wish = {"lead_id": lead["lead_id"], "focus": True}
    call = (await ask(bridge, "POST", f"{HER}/dial", wish))["call"]
    assert (call["number"], call["lead_id"]) == (CUSTOMER, lead["lead_id"])
    await bridge.call_is(call["id"], "bridged")
    await carrier.until_heard("1000", "the customer", lambda it: it.hears(CUSTOMER_TONE, seconds=1))
    assert (await bridge.get(f"{HER}/screen/lead"))["first_name"] == "Ann"
    changed = await ask(bridge, "PATCH", f"{HER}/screen/lead", {"first_name": "Anna", "rank": 5})
    assert (changed["first_name"], changed["rank"], changed["phone_number"]) == ("Anna", 5, CUSTOMER)
    assert await refused(bridge, "PUT", f"{HER}/screen/lead", {"lead_id": 1}) == "invalid-state"
    assert await refused(bridge, "POST", f"{HER}/dial", {"number": "7275550112"}) == "agent-not-paused"
    await ask(bridge, "DELETE", f"{HER}/parties")
    await bridge.call_is(call["id"], "disposed")
    assert (await bridge.agent_is("1000", "paused"))["call_id"] is None, "she is in her room"
    told = [event["type"] for event in await bridge.events("agents/1000")]
    assert {"screen.focused", "screen.fields_updated"} <= set(told)


async def test_a_preview_is_dialled_and_a_sound_is_stopped(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    site: dict[str, Any] = {
        "id": "TEST",
        "trunk": "carrier",
        "caller_id": "7275550000",
        "preview": "PREVIEW_AND_SKIP",
    }
    site |= {"wrapup_seconds": 0, "default_status": "TALKED"}
    await ask(bridge, "PUT", "/site/campaigns/TEST", site)
    assert await refused(bridge, "POST", f"{HER}/preview", {"action": "dial"}) == "no-preview"
    done = await ask(bridge, "POST", f"{HER}/dial", {"number": CUSTOMER, "preview": True})
    assert (done["call"], done["preview"]["number"]) == (None, CUSTOMER)
    call = (await ask(bridge, "POST", f"{HER}/preview", {"action": "dial"}))["call"]
    await bridge.call_is(call["id"], "bridged")
    assert await refused(bridge, "DELETE", f"{HER}/playback") == "no-sound"
    await ask(bridge, "PUT", f"{HER}/playback", {"sound": "conf-onlyperson"})
    for action in ("pause", "resume", "restart", "pause"):
        await ask(bridge, "PATCH", f"{HER}/playback", {"action": action})
    await ask(bridge, "DELETE", f"{HER}/playback")
    assert await refused(bridge, "DELETE", f"{HER}/playback") == "no-sound"
    assert await refused(bridge, "PUT", f"{HER}/machine-message", {"sounds": ["beep"]}) == (
        "message-not-allowed"
    )
    await ask(bridge, "PUT", "/site/campaigns/TEST", site | STATED)
    message = await ask(bridge, "PUT", f"{HER}/machine-message", {"sounds": ["beep"]})
    assert message["id"] == call["id"]
    await carrier.hang_up_network()
    await bridge.agent_is("1000", "paused")


async def test_parties_take_turns(bridge: Bridge) -> None:
    await bridge.log_in("1000")
    call = await bridge.post("/calls", {"agent": "1000", "number": CUSTOMER})
    await bridge.call_is(call["id"], "bridged")
    await ask(bridge, "POST", f"{HER}/parties", {"numbers": ["7275550112"], "park": True})

    async def both() -> Any:
        parties = await bridge.get(f"{HER}/parties")
        return parties if [one["state"] for one in parties] == ["bridged", "bridged"] else None

    customer, third = await until(both, "a third party who is there")
    assert (customer["parked_at"] is not None, third["parked_at"]) == (True, None)
    customer, third = await ask(bridge, "POST", f"{HER}/swap", {"park": "third"})
    assert (customer["parked_at"], third["parked_at"] is not None) == (None, True)
    await ask(bridge, "DELETE", f"{HER}/parties/third")
    await bridge.call_is(third["id"], "ended", "disposed")
    assert (await bridge.get(f"/calls/{call['id']}"))["state"] == "bridged", "the customer stays"
    await ask(bridge, "DELETE", f"{HER}/parties/customer")
    await bridge.call_is(call["id"], "disposed")


async def test_her_phone_is_rung_again(bridge: Bridge, asterisk: AmiClient) -> None:
    room = (await bridge.log_in("1000"))["room"]

    async def phones() -> list[str]:
        return [row.channel for row in await asterisk.send_list(ConfbridgeList(room))]

    (first,) = await phones()
    assert (await ask(bridge, "POST", f"{HER}/ring"))["state"] == "paused"

    async def another() -> bool:
        there = await phones()
        return len(there) == 1 and there != [first]

    await until(another, "another phone alone in her room")
    assert (await bridge.get(f"{HER}/webphone")) == {"url": ""}
    await ask(bridge, "PUT", f"{HER}/team", {"team": "Blue"})
