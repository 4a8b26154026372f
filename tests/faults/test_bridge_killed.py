"""`kill -9` of the bridge at the worst moments: at its next start it finds what stands and what has ended."""

from __future__ import annotations

import asyncio
import signal

import pytest
from proxy import Proxy, Side, Verdict, is_action
from service import Bridge
from stack import Carrier, until
from stories import (
    DID,
    RINGS,
    TALKS,
    dial,
    dial_alone,
    dials_sent,
    disposed_once,
    is_dial,
    is_logged_out,
    newest_call,
    ready_agent,
)

from bridge.ami.actions import HangupMatching


async def started_call(bridge: Bridge, carrier: Carrier, kind: str) -> str:
    """A call in which agent 1000 speaks with somebody; its id."""
    await ready_agent(bridge, "1000")
    if kind == "V":
        call_id = await dial_alone(bridge, TALKS)
    elif kind == "Y":
        await carrier.call_in(DID, "7275550777")
        call_id = (await newest_call(bridge, "Y"))["id"]
    else:
        await bridge.post("/agents/1000/pause", {"reason": "MANUAL"})
        call_id = await dial(bridge, "1000", TALKS)
    await bridge.call_is(call_id, "bridged")
    return call_id


@pytest.mark.parametrize("kind", ["M", "V", "Y"])
async def test_in_mid_call_it_is_adopted(bridge: Bridge, ami: Proxy, carrier: Carrier, kind: str) -> None:
    call_id = await started_call(bridge, carrier, kind)
    before = (await bridge.get(f"/calls/{call_id}"))["legacy_id"]
    await bridge.kill()
    await bridge.start()

    call = await bridge.get(f"/calls/{call_id}")
    assert (call["state"], call["legacy_id"]) == ("bridged", before)
    assert (await bridge.agent("1000"))["state"] == "incall"
    assert (await bridge.agc("external_hangup", agent_user="1000", value="1")).startswith("SUCCESS")
    assert (await disposed_once(bridge, call_id))["status"] == "TALKED"
    await bridge.agent_is("1000", "paused" if kind == "M" else "ready")
    assert len(dials_sent(ami)) == len(carrier.called) == (0 if kind == "Y" else 1)


async def test_while_a_call_rings(bridge: Bridge, ami: Proxy, carrier: Carrier) -> None:
    await ready_agent(bridge, "1001")
    await bridge.log_in("1000")
    manual, alone = await dial(bridge, "1000", RINGS), await dial_alone(bridge, RINGS)
    for call_id in (manual, alone):
        await bridge.call_is(call_id, "ringing")
    await bridge.kill()
    await bridge.start()
    assert (await bridge.agent("1000"))["state"] == "dialing"
    for call_id in (manual, alone):
        await bridge.call_is(call_id, "dialing", "ringing")
        await bridge.post(f"/calls/{call_id}/hangup")
        assert (await disposed_once(bridge, call_id))["status"] == "NA"
    await bridge.agent_is("1000", "paused")
    assert len(dials_sent(ami)) == len(carrier.called) == 2


async def test_between_the_intent_and_the_originate(bridge: Bridge, ami: Proxy, carrier: Carrier) -> None:
    """The intent is written, the action never leaves the machine: it is given up, never sent again."""
    await bridge.log_in("1000")
    await killed_at_the_dial(bridge, ami, Verdict.SWALLOW)
    await bridge.start()
    call = await disposed_once(bridge, (await newest_call(bridge, "M"))["id"])
    assert call["end_reason"] == "failed_unknown"
    await bridge.agent_is("1000", "paused")
    assert carrier.called == []
    assert len(dials_sent(ami)) == 1


async def test_between_the_originate_and_its_answer(bridge: Bridge, ami: Proxy, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    await killed_at_the_dial(bridge, ami, Verdict.PASS)
    await bridge.start()
    call_id = (await newest_call(bridge, "M"))["id"]
    await bridge.call_is(call_id, "bridged")
    await bridge.post(f"/calls/{call_id}/hangup")
    await disposed_once(bridge, call_id)
    assert carrier.called == [TALKS]
    assert len(dials_sent(ami)) == 1


async def killed_at_the_dial(bridge: Bridge, ami: Proxy, verdict: Verdict) -> None:
    """Dial; the bridge dies as its Originate leaves, which then gets that verdict."""

    def rule(side: Side, message: bytes) -> Verdict | None:
        if side is Side.CLIENT and is_dial(message):
            asked.set()
            bridge.send_signal(signal.SIGKILL)
            return verdict
        return None

    asked = asyncio.Event()
    ami.rule = rule
    request = asyncio.ensure_future(bridge.api.post("/v1/calls", json={"agent": "1000", "number": TALKS}))
    await asyncio.wait_for(asked.wait(), 5)
    await asyncio.gather(request, return_exceptions=True)
    await bridge.kill()
    ami.rule = None


async def test_while_her_phone_rings_that_nobody_answers(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.set_phone("1009", "ring")
    try:
        await bridge.post("/agents/1009/login", {"phone": "1009", "campaign": "TEST"})
        await bridge.agent_is("1009", "connecting")
        await bridge.kill()
        await bridge.start()
        assert (await bridge.agent("1009"))["state"] == "connecting"
        await carrier.hang_up_phone("1009")
        await is_logged_out(bridge, "1009")
        assert (await bridge.events("agents/1009"))[-1]["type"] == "agent.login_failed"
    finally:
        await carrier.set_phone("1009", "answer")


async def test_while_her_phone_rings_and_is_answered_meanwhile(bridge: Bridge, ami: Proxy) -> None:
    rung = asyncio.Event()

    def rule(side: Side, message: bytes) -> None:
        if side is Side.CLIENT and is_action(message, "Originate"):
            bridge.send_signal(signal.SIGKILL)
            rung.set()

    ami.rule = rule
    request = asyncio.ensure_future(
        bridge.api.post("/v1/agents/1000/login", json={"phone": "1000", "campaign": "TEST"})
    )
    await asyncio.wait_for(rung.wait(), 5)
    await asyncio.gather(request, return_exceptions=True)
    await bridge.kill()
    ami.rule = None
    await bridge.start()
    await bridge.agent_is("1000", "paused")
    await ready_again(bridge, "1000")


async def ready_again(bridge: Bridge, user: str) -> None:
    """She can be given a call."""
    await bridge.post(f"/agents/{user}/resume")
    call_id = await dial_alone(bridge, TALKS)
    assert (await bridge.call_is(call_id, "bridged"))["agent"] == user
    await bridge.post(f"/calls/{call_id}/hangup")
    await disposed_once(bridge, call_id)


async def test_between_the_end_of_a_call_and_its_report(bridge: Bridge, carrier: Carrier) -> None:
    """The relay keeps the reports and delivers them later: each call is disposed once, by its own result."""
    await bridge.log_in("1000")
    for user in ("1001", "1002"):
        await bridge.log_in(user)
    talked, refused = await dial(bridge, "1000", TALKS), await dial(bridge, "1001", RINGS)
    await bridge.call_is(talked, "bridged")
    await bridge.call_is(refused, "ringing")
    await bridge.kill()
    await hang_up_as_busy(carrier)
    await bridge.start()
    assert (await disposed_once(bridge, talked))["status"] == "TALKED"
    call = await disposed_once(bridge, refused)
    assert (call["status"], call["status_source"], call["dial_status"]) == ("AB", "network", "BUSY")
    for user in ("1000", "1001"):
        await bridge.agent_is(user, "paused")


async def hang_up_as_busy(carrier: Carrier) -> None:
    """Every customer hangs up; one whose phone rings is busy."""
    await carrier.client.send_list(HangupMatching("^PJSIP/pbx-", cause=17))

    async def gone() -> bool:
        return not [row for row in await carrier.channels() if row.channel.startswith("PJSIP/pbx-")]

    await until(gone, "a network without calls")
