"""Agents and their phones: login, pause, losing the phone."""

from __future__ import annotations

import pytest
from service import Bridge
from stack import Carrier, until

from bridge.ami.actions import ConfbridgeList, QueueStatus
from bridge.ami.client import AmiClient
from bridge.ami.events import QueueMember


async def member(asterisk: AmiClient) -> QueueMember | None:
    rows = await asterisk.send_list(QueueStatus(queue="SALESLINE"))
    return next((row for row in rows if isinstance(row, QueueMember)), None)


async def test_login_seats_the_phone_in_a_room(bridge: Bridge, asterisk: AmiClient) -> None:
    session = await bridge.log_in("1000")
    rows = await asterisk.send_list(ConfbridgeList(session["room"]))
    assert [row.channel.partition("-")[0] for row in rows] == ["PJSIP/1000"]


async def test_login_makes_her_a_paused_member_of_her_queues(bridge: Bridge, asterisk: AmiClient) -> None:
    session = await bridge.log_in("1000")
    found = await until(lambda: member(asterisk), "a queue member")
    assert found["Location"] == f"Local/{session['room']}@bridge-offer/n"
    assert found["Paused"] == "1"

    assert (await bridge.agc("external_pause", agent_user="1000", value="RESUME")).startswith("SUCCESS")
    await bridge.agent_is("1000", "ready")

    async def ready() -> bool:
        now = await member(asterisk)
        return now is not None and now["Paused"] == "0" and now["Status"] == "1"

    await until(ready, "a member who is not paused and whose device is not in use")


async def test_pause_and_resume(bridge: Bridge) -> None:
    await bridge.log_in("1000")
    assert (await bridge.agc("external_pause", agent_user="1000", value="RESUME")).startswith(
        "SUCCESS: external_pause function set - RESUME|"
    )
    await bridge.agent_is("1000", "ready")
    refused = await bridge.agc("external_pause", agent_user="1000", value="RESUME")
    assert refused == "ERROR: external_pause agent is not paused - RESUME|1000\n"
    await bridge.post("/agents/1000/pause", {"reason": "LUNCH"})
    assert (await bridge.agent_is("1000", "paused"))["pause_reason"] == "LUNCH"


async def test_two_agents_have_a_room_each(bridge: Bridge) -> None:
    rooms = {(await bridge.log_in(user))["room"] for user in ("1000", "1001")}
    assert len(rooms) == 2


async def test_losing_the_phone_logs_her_out(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    await carrier.hang_up_phone("1000")

    async def gone() -> bool:
        return not await bridge.agent("1000")

    await until(gone, "an agent without a session")
    events = await bridge.events("agents/1000")
    assert (events[-1]["type"], events[-1]["data"]["reason"]) == ("agent.logged_out", "phone_lost")


async def test_losing_the_phone_in_a_call_ends_the_call(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    call = await bridge.post("/calls", {"agent": "1000", "number": "7275550100"})
    await bridge.call_is(call["id"], "bridged")
    await carrier.hang_up_phone("1000")
    assert (await bridge.call_is(call["id"], "disposed"))["status"] == "TALKED"


@pytest.mark.parametrize("manner", ["busy", "reject"])
async def test_a_phone_that_does_not_answer(bridge: Bridge, carrier: Carrier, manner: str) -> None:
    await carrier.set_phone("1009", manner)
    try:
        await bridge.post("/agents/1009/login", {"phone": "1009", "campaign": "TEST"})

        async def failed() -> bool:
            events = await bridge.events("agents/1009")
            return bool(events and events[-1]["type"] == "agent.login_failed")

        await until(failed, "a login that failed")
        assert not await bridge.agent("1009")
    finally:
        await carrier.set_phone("1009", "answer")


async def test_logout_frees_the_phone(bridge: Bridge) -> None:
    first = await bridge.log_in("1000")
    reply = await bridge.agc("logout", agent_user="1000", value="LOGOUT")
    assert reply.startswith("SUCCESS: logout function set - LOGOUT|")

    async def gone() -> bool:
        return not await bridge.agent("1000")

    await until(gone, "an agent without a session")
    assert (await bridge.log_in("1000"))["room"] != first["room"], "rooms are given out in turn"


async def test_a_second_login_and_a_taken_phone_are_refused(bridge: Bridge) -> None:
    await bridge.log_in("1000")
    again = await bridge.api.post("/v1/agents/1000/login", json={"phone": "1001", "campaign": "TEST"})
    assert (again.status_code, again.json()["error_id"]) == (409, "agent-already-logged-in")
    taken = await bridge.api.post("/v1/agents/1001/login", json={"phone": "1000", "campaign": "TEST"})
    assert (taken.status_code, taken.json()["error_id"]) == (409, "phone-in-use")
