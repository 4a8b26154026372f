"""Click to dial without a shift: an extension rings, then the customer, on a real Asterisk."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from service import Bridge
from stack import Carrier, until

from bridge.ami.events import AmiEvent

PERSON = "7275550100"
BUSY = "7275550101"
RINGS = "7275550102"
HANGS_UP = "7275550106"


async def click(bridge: Bridge, to: str = PERSON, *, phone: str = "1000", wait: int = 30, **more: Any) -> Any:
    """Ask for it and wait; the whole reply."""
    body = {"from": phone, "to": to, "campaign": "TEST", **more}
    return await bridge.api.post("/v1/calls", json=body, headers={"Prefer": f"wait={wait}"}, timeout=90)


async def test_the_extension_rings_with_the_customers_number_and_then_the_customer(
    bridge: Bridge, carrier: Carrier
) -> None:
    rung: list[str] = []

    def phone_call(event: AmiEvent) -> None:
        if event["UserEvent"] == "PhoneCall":
            rung.append(f"{event['Phone']} {event['CallerIDNum']} before {len(carrier.called)}")

    carrier.client.on("UserEvent", phone_call)
    reply = await click(bridge)
    assert (reply.status_code, reply.headers["preference-applied"]) == (201, "wait=30"), reply.text
    call = reply.json()
    assert (call["kind"], call["extension"], call["agent"]) == ("CL", "1000", "")
    assert call["answered_at"] is not None
    assert reply.headers["location"] == f"/v1/calls/{call['id']}"
    assert rung == [f"1000 {PERSON} before 0"]
    assert carrier.called == [PERSON]
    await bridge.call_is(call["id"], "bridged")
    await bridge.api.put(f"/v1/calls/{call['id']}/disposition", json={"status": "SALE"})
    await bridge.post(f"/calls/{call['id']}/hangup")
    ended = await bridge.call_is(call["id"], "disposed")
    assert (ended["status"], ended["status_source"], ended["end_reason"]) == ("SALE", "agent", "hangup")
    assert await bridge.timeline(call["id"]) == [
        "call.planned",
        "call.dialing",
        "call.extension_answered",
        "call.ringing",
        "call.answered",
        "call.bridged",
        "call.ended",
        "call.disposed",
    ]


@pytest.mark.parametrize(
    ("manner", "error_id"),
    [("busy", "extension-busy"), ("reject", "extension-declined"), ("ring", "extension-unanswered")],
)
async def test_an_extension_that_does_not_take_it_is_a_problem_and_nobody_is_called(
    bridge: Bridge, carrier: Carrier, manner: str, error_id: str
) -> None:
    await carrier.set_phone("1000", manner)
    try:
        reply = await click(bridge, ring_seconds=5)
    finally:
        await carrier.set_phone("1000", "answer")
    problem = reply.json()
    assert (reply.status_code, problem["error_id"]) == (409, error_id), problem
    assert problem["type"] == f"urn:agent-bridge:error:{error_id}"
    call = await bridge.call_is(problem["details"]["call"], "disposed")
    assert (call["end_reason"], call["status"]) == (error_id.replace("-", "_"), "LRERR")
    assert carrier.called == []


async def test_a_phone_that_is_not_registered_is_unreachable(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.post("/site/phones", {"login": "1999", "template": "PJSIP/{phone}@nowhere"})
    reply = await click(bridge, phone="1999")
    assert (reply.status_code, reply.json()["error_id"]) == (409, "extension-unreachable"), reply.text
    assert carrier.called == []


async def test_a_customer_who_is_busy_is_no_problem_but_a_call_that_has_ended(
    bridge: Bridge, carrier: Carrier
) -> None:
    reply = await click(bridge, BUSY)
    call = reply.json()
    assert (reply.status_code, call["answered_at"], call["dial_status"]) == (201, None, "BUSY")
    assert (await bridge.call_is(call["id"], "disposed"))["status"] == "AB"
    assert carrier.called == [BUSY]


async def test_it_answers_at_once_without_being_asked_to_wait(bridge: Bridge) -> None:
    call = await bridge.post("/calls", {"from": "1000", "to": RINGS, "campaign": "TEST"})
    assert call["answered_at"] is None
    assert (await bridge.call_is(call["id"], "ringing"))["extension_answered_at"] is not None
    await bridge.post(f"/calls/{call['id']}/hangup")
    assert (await bridge.call_is(call["id"], "disposed"))["status"] == "NA"


async def test_a_wait_that_is_over_before_the_answer_tells_how_it_stands(bridge: Bridge) -> None:
    reply = await click(bridge, RINGS, wait=1)
    assert (reply.status_code, reply.headers["preference-applied"]) == (201, "wait=1")
    call = reply.json()
    assert call["state"] in ("sent", "dialing", "ringing")
    await bridge.post(f"/calls/{call['id']}/hangup")
    await bridge.call_is(call["id"], "disposed")


async def test_a_dial_for_an_agent_waits_too(bridge: Bridge) -> None:
    await bridge.log_in("1000")
    body = {"agent": "1000", "number": PERSON}
    reply = await bridge.api.post("/v1/calls", json=body, headers={"Prefer": "wait=30"}, timeout=90)
    assert (reply.status_code, reply.headers["preference-applied"]) == (201, "wait=30")
    assert reply.json()["answered_at"] is not None
    hung_up = await bridge.api.post("/v1/agents/1000/hangup")
    assert hung_up.json()["id"] == reply.json()["id"]
    await bridge.call_is(reply.json()["id"], "disposed")


@pytest.mark.parametrize("who", ["the customer", "the extension"])
async def test_the_call_ends_when_either_hangs_up(bridge: Bridge, carrier: Carrier, who: str) -> None:
    call = (await click(bridge, HANGS_UP if who == "the customer" else PERSON)).json()
    if who == "the extension":
        await bridge.call_is(call["id"], "bridged")
        await carrier.hang_up_phone("1000")
    ended = await bridge.call_is(call["id"], "disposed")
    assert (ended["status"], ended["dial_status"]) == ("TALKED", "ANSWER")


async def test_hung_up_while_the_extension_rings(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.set_phone("1000", "ring")
    try:
        call = await bridge.post("/calls", {"from": "1000", "to": PERSON, "campaign": "TEST"})
        await bridge.call_is(call["id"], "dialing")
        await bridge.post(f"/calls/{call['id']}/hangup")
        assert (await bridge.call_is(call["id"], "disposed"))["end_reason"] == "hangup"
    finally:
        await carrier.set_phone("1000", "answer")
    assert carrier.called == []


async def test_a_phone_of_an_agent_on_shift_is_left_alone(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    reply = await click(bridge)
    assert (reply.status_code, reply.json()["error_id"]) == (409, "phone-in-use")
    assert carrier.called == []


async def test_a_forbidden_number_rings_nobody(bridge: Bridge, carrier: Carrier) -> None:
    rung: list[AmiEvent] = []
    carrier.client.on("UserEvent", rung.append)
    reply = await click(bridge, "19005550100")
    assert (reply.status_code, reply.json()["error_id"]) == (422, "dial-refused")
    assert rung == []


async def test_the_same_key_makes_one_call_also_across_a_restart(bridge: Bridge, carrier: Carrier) -> None:
    body = {"from": "1000", "to": PERSON, "campaign": "TEST"}
    headers = {"Idempotency-Key": "row-17", "Prefer": "wait=30"}

    async def ask() -> Any:
        return await bridge.api.post("/v1/calls", json=body, headers=headers, timeout=90)

    first, second = await asyncio.gather(ask(), ask())
    replies = [reply for reply in (first, second) if reply.status_code == 201]
    assert {first.status_code, second.status_code} <= {201, 409}, "or: the first is just being carried out"
    (call_id,) = {reply.json()["id"] for reply in replies}
    await bridge.stop()
    await bridge.start()
    again = await ask()
    assert (again.headers["idempotency-replayed"], again.json()["id"]) == ("true", call_id)
    assert carrier.called == [PERSON]
    await bridge.call_is(call_id, "bridged")
    await bridge.post(f"/calls/{call_id}/hangup")
    await bridge.call_is(call_id, "disposed")


async def test_a_call_in_hand_goes_on_when_the_bridge_is_killed(bridge: Bridge, carrier: Carrier) -> None:
    call = (await click(bridge)).json()
    await bridge.call_is(call["id"], "bridged")
    await bridge.kill()
    await bridge.start()
    assert (await bridge.get(f"/calls/{call['id']}"))["state"] == "bridged"
    await carrier.hang_up_network()
    ended = await bridge.call_is(call["id"], "disposed")
    assert ended["status"] == "TALKED"

    async def quiet() -> bool:
        return not await carrier.channels()

    await until(quiet, "a carrier without calls")
