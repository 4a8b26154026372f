"""Two bridges on one PostgreSQL: either takes commands, one follows Asterisk, events are told once."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest
from pair import ALL, Pair, everything_told, has_all_duties
from stack import Carrier
from stories import DID, RINGS, TALKS, dial, dial_alone, disposed_once, is_logged_out, newest_call


async def test_an_agent_and_a_phone_are_logged_in_once(pair: Pair) -> None:
    """Eight requests at the same moment, four at each bridge: who, and on which phone."""
    wanted = [("1000", "1000"), ("1001", "1000"), ("1000", "1001"), ("1002", "1002")]
    replies = await asyncio.gather(
        *(
            bridge.api.post(f"/v1/agents/{user}/login", json={"phone": phone, "campaign": "TEST"})
            for user, phone in wanted
            for bridge in (pair.a, pair.b)
        )
    )
    assert {reply.status_code for reply in replies} == {202, 409}
    agents = await pair.b.get("/agents")
    assert len(agents) == sum(reply.status_code == 202 for reply in replies)
    for part in ("user", "phone", "room"):
        assert len({agent[part] for agent in agents}) == len(agents)
    for agent in agents:
        await pair.b.agent_is(agent["user"], "paused")


async def test_a_call_whose_follower_is_killed_is_followed_by_the_other(pair: Pair, carrier: Carrier) -> None:
    a, b = pair.a, pair.b
    await a.log_in("1000")
    call_id = await dial(b, "1000", TALKS)
    assert (await a.call_is(call_id, "bridged"))["agent"] == "1000"
    assert (await b.agent("1000"))["state"] == "incall"

    await a.kill()
    await pair.ask(b)
    await has_all_duties(b)
    assert (await b.get(f"/calls/{call_id}"))["state"] == "bridged"
    await carrier.hang_up_network()
    assert (await disposed_once(b, call_id))["status"] == "TALKED"
    await b.agent_is("1000", "paused")
    assert carrier.called == [TALKS]
    await everything_told(pair, b, twice=True)  # what was told just before the kill
    wanted = ["call.planned", *(f"call.{what}" for what in ("dialing", "ringing", "answered", "bridged"))]
    heard = list(dict.fromkeys(pair.heard_of(f"calls/{call_id}")))
    assert heard == [*wanted, "call.ended", "call.disposed"]

    await carrier.hang_up_phone("1000")
    await is_logged_out(b, "1000")
    await a.start(but="relay:pbx")
    assert await a.duties() == []


async def test_commands_at_the_one_that_does_not_follow(pair: Pair, carrier: Carrier) -> None:
    a, b = pair.a, pair.b
    await b.log_in("1000")
    assert (await a.agc("external_pause", agent_user="1000", value="RESUME")).startswith("SUCCESS")
    await b.agent_is("1000", "ready")
    assert (await b.agc("external_pause", agent_user="1000", value="PAUSE")).startswith("SUCCESS")
    call_id = await dial(b, "1000", RINGS)
    await b.call_is(call_id, "ringing")
    assert (await b.agc("external_hangup", agent_user="1000", value="1")).startswith("SUCCESS")
    assert (await disposed_once(b, call_id))["status"] == "NA"
    await a.agent_is("1000", "paused")
    second = await dial(a, "1000", TALKS)
    await b.call_is(second, "bridged")
    await b.post(f"/calls/{second}/hangup")
    await disposed_once(b, second)
    await b.post("/agents/1000/logout")
    await is_logged_out(a, "1000")
    assert carrier.called == [RINGS, TALKS]
    await everything_told(pair, a)


@pytest.mark.parametrize("asked", ["the follower", "the other"])
async def test_an_answered_call_gets_the_agent_who_becomes_ready_at_the_other_bridge(
    pair: Pair, asked: str
) -> None:
    """Its question waits at the bridge that the relay asks."""
    waiting, other = (pair.a, pair.b) if asked == "the follower" else (pair.b, pair.a)
    await pair.ask(waiting)
    await other.log_in("1000")
    call_id = await dial_alone(other, TALKS)
    await other.call_is(call_id, "answered")
    await other.post("/agents/1000/resume")
    assert (await waiting.call_is(call_id, "bridged"))["agent"] == "1000"
    await waiting.post(f"/calls/{call_id}/hangup")
    await disposed_once(other, call_id)
    await everything_told(pair, other)


@pytest.mark.parametrize("asked", ["the follower", "the other"])
async def test_a_caller_who_waits_gets_the_agent_who_becomes_ready_at_the_other_bridge(
    pair: Pair, carrier: Carrier, asked: str
) -> None:
    """The relay asks one bridge, the agent's command comes to the other, one of them follows Asterisk."""
    waiting, other = (pair.a, pair.b) if asked == "the follower" else (pair.b, pair.a)
    await pair.ask(waiting)
    await other.log_in("1000")
    await carrier.call_in(DID, "7275550777")
    call_id = (await newest_call(other, "Y"))["id"]
    await other.call_is(call_id, "queued")
    await other.post("/agents/1000/resume")
    assert (await waiting.call_is(call_id, "bridged"))["agent"] == "1000"
    await carrier.hang_up_network()
    await disposed_once(waiting, call_id)
    await other.agent_is("1000", "ready")
    await everything_told(pair, pair.a)


async def test_a_follower_that_is_stopped_for_a_while_tells_nothing_afterwards(
    pair: Pair, carrier: Carrier
) -> None:
    a, b = pair.a, pair.b
    await b.log_in("1000")
    call_id = await dial(b, "1000", TALKS)
    await b.call_is(call_id, "bridged")
    a.send_signal(signal.SIGSTOP)
    try:
        await pair.ask(b)
        await has_all_duties(b)
        await carrier.hang_up_network()
        await disposed_once(b, call_id)
    finally:
        a.send_signal(signal.SIGCONT)
    again = await dial(b, "1000", TALKS)
    await a.call_is(again, "bridged")
    await a.post(f"/calls/{again}/hangup")
    await disposed_once(a, again)
    assert await b.duties() == ALL
    assert carrier.called == [TALKS, TALKS]
    await everything_told(pair, b, twice=True)


async def test_a_follower_that_stops_in_order_leaves_all_to_the_other_at_once(pair: Pair) -> None:
    a, b = pair.a, pair.b
    await a.log_in("1000")
    await a.stop()
    await pair.ask(b)
    await has_all_duties(b)
    call_id = await dial(b, "1000", TALKS)
    await b.call_is(call_id, "bridged")
    await b.post(f"/calls/{call_id}/hangup")
    call: dict[str, Any] = await disposed_once(b, call_id)
    assert call["status"] == "TALKED"
    await everything_told(pair, b)
