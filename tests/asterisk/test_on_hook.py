"""Agents on hook: their phone is rung for each call, on a real Asterisk."""

from __future__ import annotations

from typing import Any

import pytest
from service import Bridge
from stack import Carrier, until

from bridge.ami.actions import ConfbridgeList
from bridge.ami.client import AmiClient
from bridge.ami.errors import ActionRefused
from bridge.ami.events import AmiEvent

PERSON = "7275550100"
TALKS = "7275550111"
"""Makes a tone of 1004 Hz."""
HANGS_UP = "7275550106"
DID = "7275551234"
CALLER = "7275550777"

RING = 30.0
"""Seconds that her phone rings for a call of her own; for a caller, 15 (`timeout` of the queue)."""

PROBLEMS = [("busy", "extension_busy"), ("reject", "extension_declined"), ("ring", "extension_unanswered")]


async def on_hook(bridge: Bridge, user: str = "1000") -> dict[str, Any]:
    """Log her in so; she is paused at once."""
    body = {"phone": user, "campaign": "TEST", "on_hook": True}
    session: dict[str, Any] = await bridge.post(f"/agents/{user}/login", body)
    assert (session["state"], session["on_hook"]) == ("paused", True)
    return session


@pytest.fixture
def rung(carrier: Carrier) -> list[str]:
    """What rings phones, as they show it: `<phone> <number> after <numbers called>`."""
    found: list[str] = []

    def phone_call(event: AmiEvent) -> None:
        if event["UserEvent"] == "PhoneCall":
            found.append(f"{event['Phone']} {event['CallerIDNum']} after {len(carrier.called)}")

    carrier.client.on("UserEvent", phone_call)
    return found


async def until_free(carrier: Carrier, asterisk: AmiClient, room: str) -> None:
    """Wait until her phone is hung up, and nobody is in her room."""

    async def look() -> bool:
        phones = [row.channel for row in await carrier.channels() if row.channel.startswith("PJSIP/1000-")]
        return not phones and not await in_room(asterisk, room)

    await until(look, "a phone that is free again")


async def in_room(asterisk: AmiClient, room: str) -> list[str]:
    """Who is in a room; nobody where there is none."""
    try:
        return [row.channel for row in await asterisk.send_list(ConfbridgeList(room))]
    except ActionRefused:
        return []


async def is_alone(asterisk: AmiClient, room: str) -> bool:
    """Whether one channel is in a room."""
    return len(await in_room(asterisk, room)) == 1


async def is_paused(bridge: Bridge) -> dict[str, Any] | None:
    """Her session, once she is paused."""
    found = await bridge.agent("1000")
    return found if found["state"] == "paused" else None


async def is_true(value: object) -> bool:
    """For `until`."""
    return bool(value)


async def phone_news(bridge: Bridge) -> list[str]:
    """What was told of her phone, in order."""
    told = await bridge.events("agents/1000")
    return [event["data"]["stage"] for event in told if event["type"] == "agent.phone"]


async def nothing_is_left(carrier: Carrier) -> None:
    """Wait until the carrier has no call."""

    async def quiet() -> bool:
        return not await carrier.channels()

    await until(quiet, "a carrier without calls")


async def ready(bridge: Bridge) -> dict[str, Any]:
    """Log her in so, and let her wait for callers."""
    session = await on_hook(bridge)
    await bridge.post("/agents/1000/resume")
    return session


class TestACallThatSheMakes:
    async def test_rings_her_first_and_then_the_customer_who_hear_each_other(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient, rung: list[str]
    ) -> None:
        room = (await on_hook(bridge))["room"]
        assert await in_room(asterisk, room) == []
        await carrier.make_tone("1000", 620)
        await carrier.listen("1000", TALKS)
        call = await bridge.post("/calls", {"agent": "1000", "number": TALKS})
        assert (call["kind"], call["extension"]) == ("M", "1000")
        await bridge.call_is(call["id"], "bridged")
        assert rung == [f"1000 {TALKS} after 0"], (
            "she sees whom she is about to talk to, and nobody else was called"
        )
        assert (carrier.called, carrier.shown) == ([TALKS], ["7275550000"])
        assert (await bridge.agent("1000"))["state"] == "incall"
        await carrier.until_heard("1000", "the customer's tone", lambda it: it.hears(1004))
        await carrier.until_heard(TALKS, "the agent's tone", lambda it: it.hears(620))
        await bridge.post("/agents/1000/hangup")
        await until_free(carrier, asterisk, room)
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
        assert await phone_news(bridge) == ["ringing", "seated"]

    async def test_leaves_her_phone_free_and_the_next_one_works(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient, rung: list[str]
    ) -> None:
        room = (await on_hook(bridge))["room"]
        for count in (1, 2):
            call = await bridge.post("/calls", {"agent": "1000", "number": HANGS_UP})
            assert (await bridge.call_is(call["id"], "disposed"))["status"] == "TALKED"
            await bridge.agent_is("1000", "paused")
            await until_free(carrier, asterisk, room)
            assert len(rung) == len(carrier.called) == count

    async def test_by_the_line_format_the_same(
        self, bridge: Bridge, carrier: Carrier, rung: list[str]
    ) -> None:
        await on_hook(bridge)
        reply = await bridge.agc(
            "external_dial",
            agent_user="1000",
            value=PERSON,
            phone_code="1",
            search="NO",
            preview="NO",
            focus="NO",
        )
        assert reply.startswith("SUCCESS: external_dial function set"), reply
        await bridge.call_is((await bridge.last_call())["id"], "bridged")
        assert rung == [f"1000 {PERSON} after 0"]
        assert carrier.called == [PERSON]

    @pytest.mark.parametrize(("manner", "end_reason"), PROBLEMS)
    async def test_that_she_does_not_take_calls_nobody(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient, manner: str, end_reason: str
    ) -> None:
        room = (await on_hook(bridge))["room"]
        await carrier.set_phone("1000", manner)
        call = await bridge.post("/calls", {"agent": "1000", "number": PERSON})
        await until(lambda: is_paused(bridge), "an agent who is free again", seconds=RING + 15)
        ended = await bridge.call_is(call["id"], "disposed")
        assert (ended["end_reason"], ended["status"]) == (end_reason, "LRERR")
        assert carrier.called == []
        after = await bridge.agent_is("1000", "paused")
        assert (after["call_id"], after["pause_reason"]) == (None, "LOGIN"), "as she was, without a wrap-up"
        await until_free(carrier, asterisk, room)

    async def test_on_a_phone_that_is_not_registered_is_unreachable(
        self, bridge: Bridge, carrier: Carrier
    ) -> None:
        await bridge.post("/site/phones", {"login": "1999", "template": "PJSIP/{phone}@nowhere"})
        body = {"phone": "1999", "campaign": "TEST", "on_hook": True}
        await bridge.post("/agents/1000/login", body)
        call = await bridge.post("/calls", {"agent": "1000", "number": PERSON})
        ended = await bridge.call_is(call["id"], "disposed")
        assert (ended["end_reason"], ended["status"]) == ("extension_unreachable", "LRERR")
        assert carrier.called == []

    async def test_to_a_forbidden_number_rings_nobody(
        self, bridge: Bridge, carrier: Carrier, rung: list[str]
    ) -> None:
        await on_hook(bridge)
        reply = await bridge.api.post("/v1/calls", json={"agent": "1000", "number": "19005550100"})
        assert (reply.status_code, reply.json()["error_id"]) == (422, "dial-refused")
        assert (rung, carrier.called) == ([], [])

    async def test_is_over_when_she_puts_her_phone_down_and_her_shift_goes_on(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient
    ) -> None:
        room = (await on_hook(bridge))["room"]
        call = await bridge.post("/calls", {"agent": "1000", "number": PERSON})
        await bridge.call_is(call["id"], "bridged")
        await carrier.hang_up_phone("1000")
        await bridge.call_is(call["id"], "disposed")
        await bridge.agent_is("1000", "paused")
        await until_free(carrier, asterisk, room)
        await nothing_is_left(carrier)

    async def test_is_over_also_while_her_customer_is_parked(self, bridge: Bridge, carrier: Carrier) -> None:
        await on_hook(bridge)
        call = await bridge.post("/calls", {"agent": "1000", "number": PERSON})
        await bridge.call_is(call["id"], "bridged")
        await bridge.post("/agents/1000/park", {})
        assert (await bridge.agent("1000"))["state"] == "incall", "a parked customer is hers"
        await carrier.hang_up_phone("1000")
        await bridge.call_is(call["id"], "disposed")
        await bridge.agent_is("1000", "paused")
        await nothing_is_left(carrier)

    async def test_is_given_up_while_her_phone_rings(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient, rung: list[str]
    ) -> None:
        room = (await on_hook(bridge))["room"]
        await carrier.set_phone("1000", "ring")
        call = await bridge.post("/calls", {"agent": "1000", "number": PERSON})
        await until(lambda: is_true(rung), "a phone that rings")
        assert (await bridge.agent("1000"))["state"] == "dialing"
        await bridge.post("/agents/1000/hangup")
        ended = await bridge.call_is(call["id"], "disposed")
        assert (ended["end_reason"], carrier.called) == ("hangup", [])
        await bridge.agent_is("1000", "paused")
        await until_free(carrier, asterisk, room)

    async def test_can_be_parked_and_grabbed_and_passed_on(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient
    ) -> None:
        room = (await on_hook(bridge))["room"]
        await carrier.make_tone("1000", 620)
        await carrier.listen("1000", TALKS)
        call = await bridge.post("/calls", {"agent": "1000", "number": TALKS})
        await bridge.call_is(call["id"], "bridged")
        await carrier.until_heard("1000", "the customer's tone", lambda it: it.hears(1004))
        await bridge.post("/agents/1000/park", {})
        await until(lambda: is_alone(asterisk, room), "a customer who is parked")
        await bridge.post("/agents/1000/unpark", {})
        before = (await carrier.heard_by("1000")).seconds
        await carrier.until_heard(
            "1000", "the tone again", lambda it: it.between(before, it.seconds).hears(1004)
        )
        await bridge.post("/agents/1000/transfer", {"number": PERSON})
        await until_free(carrier, asterisk, room)
        passed_on = await bridge.call_is(call["id"], "disposed", "ended")
        assert passed_on["end_reason"] == "passed_on"
        await bridge.agent_is("1000", "paused")
        await carrier.hang_up_network()

    async def test_has_third_parties_who_go_with_the_customer(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient
    ) -> None:
        room = (await on_hook(bridge))["room"]
        call = await bridge.post("/calls", {"agent": "1000", "number": PERSON})
        await bridge.call_is(call["id"], "bridged")
        await bridge.post("/agents/1000/parties", {"numbers": [TALKS]})
        third = await bridge.last_call()
        await bridge.call_is(third["id"], "bridged")
        assert len(await in_room(asterisk, room)) == 3
        await bridge.post("/agents/1000/hangup")
        await bridge.call_is(third["id"], "disposed")
        await until_free(carrier, asterisk, room)
        await nothing_is_left(carrier)

    async def test_is_recorded_and_played_to_like_any_other(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient
    ) -> None:
        room = (await on_hook(bridge))["room"]
        refused = await bridge.agc("audio_playback", agent_user="1000", value="custom", stage="PLAY")
        assert refused.startswith("ERROR: audio_playback error - entry is empty"), "she has no room yet"
        await carrier.make_tone(PERSON, 0)
        await carrier.listen("1000")
        call = await bridge.post("/calls", {"agent": "1000", "number": PERSON})
        await bridge.call_is(call["id"], "bridged")
        recording = await bridge.post("/agents/1000/recording", {})
        assert recording["call_id"] == call["id"]
        await bridge.agc("audio_playback", agent_user="1000", value="tt-monkeys", stage="PLAY")
        await carrier.until_heard("1000", "the sound", lambda it: it.speech())
        await bridge.post("/agents/1000/hangup")
        await until_free(carrier, asterisk, room)


class TestACaller:
    async def test_rings_her_phone_and_waits_with_music_until_she_answers(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient, rung: list[str]
    ) -> None:
        room = (await ready(bridge))["room"]
        await carrier.make_tone("1000", 620)
        await carrier.listen("1000")
        await carrier.set_phone("1000", "ring")
        await carrier.call_in(DID, CALLER, tone=1004, listen=True)
        await until(lambda: is_true(rung), "a phone that rings")
        assert rung == [f"1000 {CALLER} after 0"]
        offered = await bridge.agent_is("1000", "offered")
        status = await bridge.agc("recording", agent_user="1000", value="STATUS", stage="")
        assert status.strip().endswith("|QUEUE"), status
        await carrier.until_heard(CALLER, "music", lambda it: it.speech())
        await carrier.pick_up("1000")
        call = await bridge.call_is(offered["call_id"], "bridged")
        assert (call["agent"], call["extension"], call["queue"]) == ("1000", "1000", "SALESLINE")
        assert (await bridge.agent("1000"))["state"] == "incall"
        await carrier.until_heard("1000", "the caller's tone", lambda it: it.hears(1004))
        await carrier.until_heard(CALLER, "the agent's tone", lambda it: it.hears(620))
        await carrier.hang_up_network()
        await bridge.call_is(call["id"], "disposed")
        await bridge.agent_is("1000", "ready")
        await until_free(carrier, asterisk, room)

    @pytest.mark.parametrize("manner", ["ring", "busy", "reject"])
    async def test_whom_she_does_not_answer_is_another_agents_and_she_is_paused(
        self, bridge: Bridge, carrier: Carrier, rung: list[str], manner: str
    ) -> None:
        await ready(bridge)
        await carrier.set_phone("1000", manner)
        await carrier.call_in(DID, CALLER)
        paused = await until(lambda: is_paused(bridge), "an agent who did not answer", seconds=RING + 15)
        assert (paused["pause_reason"], paused["call_id"]) == ("NOANS", None)
        assert await phone_news(bridge) == ["ringing", "failed"]
        call = await bridge.last_call()
        assert (call["state"], call["agent"], call["extension"]) == ("queued", "", "")
        await bridge.log_in("1001")
        await bridge.post("/agents/1001/resume")
        assert (await bridge.call_is(call["id"], "bridged"))["agent"] == "1001"
        assert [one for one in rung if one.startswith("1000")] == [f"1000 {CALLER} after 0"], "once"
        await carrier.hang_up_network()

    async def test_who_gives_up_while_it_rings_leaves_her_ready(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient, rung: list[str]
    ) -> None:
        room = (await ready(bridge))["room"]
        await carrier.set_phone("1000", "ring")
        await carrier.call_in(DID, CALLER)
        await until(lambda: is_true(rung), "a phone that rings")
        await bridge.agent_is("1000", "offered")
        await carrier.hang_up_network()
        await bridge.agent_is("1000", "ready")
        await until_free(carrier, asterisk, room)

    async def test_is_hung_up_when_she_puts_her_phone_down(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient
    ) -> None:
        room = (await ready(bridge))["room"]
        await carrier.call_in(DID, CALLER)
        await bridge.agent_is("1000", "incall")
        await carrier.hang_up_phone("1000")
        await bridge.call_is((await bridge.last_call())["id"], "disposed")
        await bridge.agent_is("1000", "ready")
        await until_free(carrier, asterisk, room)
        await nothing_is_left(carrier)


class TestHerShift:
    async def test_ends_at_once_while_she_is_idle(self, bridge: Bridge, rung: list[str]) -> None:
        await on_hook(bridge)
        await bridge.post("/agents/1000/logout")
        assert await bridge.agent("1000") == {}
        assert rung == []

    async def test_has_one_session_a_phone(self, bridge: Bridge) -> None:
        await on_hook(bridge)
        body = {"phone": "1000", "campaign": "TEST", "on_hook": True}
        reply = await bridge.api.post("/v1/agents/1001/login", json=body)
        assert (reply.status_code, reply.json()["error_id"]) == (409, "phone-in-use")

    async def test_goes_on_over_a_restart_of_the_bridge(
        self, bridge: Bridge, carrier: Carrier, asterisk: AmiClient, rung: list[str]
    ) -> None:
        room = (await on_hook(bridge))["room"]
        await bridge.kill()
        await bridge.start()
        assert (await bridge.agent("1000"))["state"] == "paused"
        call = await bridge.post("/calls", {"agent": "1000", "number": PERSON})
        await bridge.call_is(call["id"], "bridged")
        await bridge.kill()
        await bridge.start()
        assert (await bridge.agent("1000"))["state"] == "incall"
        await bridge.post("/agents/1000/hangup")
        await bridge.call_is(call["id"], "disposed")
        await until_free(carrier, asterisk, room)
        assert len(rung) == 1

    async def test_knows_no_phone_to_be_rung_again_and_no_idle_room(self, bridge: Bridge) -> None:
        await on_hook(bridge)
        assert (await bridge.agc("call_agent", agent_user="1000", value="CALL")).startswith(
            "ERROR: call_agent error - entry is empty"
        )
