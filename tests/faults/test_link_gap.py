"""The link to Asterisk is frozen, cut or slow while agents and calls stand: what was missed is made good."""

from __future__ import annotations

import asyncio

import pytest
from proxy import Proxy, Verdict, is_action
from service import Bridge
from stack import Carrier, until
from stories import (
    DID,
    TALKS,
    asterisk_events,
    dial,
    dial_by_line,
    dials_sent,
    disposed_once,
    is_logged_out,
    newest_call,
    ready_agent,
)

from bridge.ami.actions import ConfbridgeList, CoreShowChannels
from bridge.ami.client import AmiClient

NOTICED = 5.0
"""Seconds in which a silent Asterisk has to be noticed: ping interval and timeout (3 s here), and air."""


async def lost(bridge: Bridge) -> None:
    """Wait until the bridge says that it is not ready."""

    async def noticed() -> bool:
        return not await bridge.ready()

    await until(noticed, "a bridge that says that it is not ready", seconds=NOTICED)


async def test_a_frozen_link_is_noticed_and_what_was_missed_is_found(
    bridge: Bridge, ami: Proxy, carrier: Carrier
) -> None:
    for user in ("1000", "1001"):
        await bridge.log_in(user)
    ended, stands = [await dial(bridge, user, TALKS) for user in ("1000", "1001")]
    for call_id in (ended, stands):
        await bridge.call_is(call_id, "bridged")

    ami.freeze()
    await carrier.hang_up_phone("1000")
    await lost(bridge)
    ami.thaw()
    await bridge.until_ready()

    call = await disposed_once(bridge, ended)
    assert call["end_reason"] in {"ended_while_away", "hangup"}  # the relay's report may be first
    assert call["status"] == "TALKED"
    await is_logged_out(bridge, "1000")
    logged_out = (await bridge.events("agents/1000"))[-1]
    assert (logged_out["type"], logged_out["data"]["reason"]) == ("agent.logged_out", "phone_lost")
    assert logged_out["data"]["cause"] == "resync"
    assert (await bridge.get(f"/calls/{stands}"))["state"] == "bridged"
    assert (await bridge.agent("1001"))["state"] == "incall"
    assert (await asterisk_events(bridge))[-3:] == ["asterisk.down", "asterisk.gap", "asterisk.up"]
    assert len(carrier.called) == len(dials_sent(ami)) == 2


async def test_commands_while_the_link_is_down_say_so_at_once(
    bridge: Bridge, ami: Proxy, carrier: Carrier, asterisk: AmiClient
) -> None:
    for user in ("1000", "1001"):
        await bridge.log_in(user)
    call_id = await dial(bridge, "1000", TALKS)
    await bridge.call_is(call_id, "bridged")
    ami.cut()
    await lost(bridge)

    loop = asyncio.get_running_loop()
    began = loop.time()
    refused = await dial_by_line(bridge, "1001", TALKS)
    assert refused.startswith("ERROR: external_dial failed, Asterisk cannot be reached")
    assert (await newest_call(bridge, "M"))["id"] == call_id
    late = await bridge.agc("external_hangup", agent_user="1000", value="1")
    assert late.startswith("ERROR: external_hangup failed, Asterisk cannot be reached")
    reply = await bridge.api.post("/v1/agents/1002/login", json={"phone": "1002", "campaign": "TEST"})
    assert (reply.status_code, reply.json()["error_id"]) == (503, "asterisk-unavailable")
    # What only the bridge has to know is done, and told to Asterisk when it is back.
    assert (await bridge.agc("external_pause", agent_user="1001", value="RESUME")).startswith("SUCCESS")
    assert (await bridge.agc("logout", agent_user="1001", value="LOGOUT")).startswith("SUCCESS")
    assert loop.time() - began < 3

    ami.mend()
    await bridge.until_ready()
    assert (await disposed_once(bridge, call_id))["status"] == "TALKED"  # the hang-up that could not be sent
    await bridge.agent_is("1000", "paused")

    async def only_one_phone() -> bool:
        rows = await asterisk.send_list(CoreShowChannels())
        return [row.channel.partition("-")[0] for row in rows] == ["PJSIP/1000"]

    await until(only_one_phone, "only the phone of the agent who is still logged in")
    assert carrier.called == [TALKS]


async def test_a_call_that_comes_in_during_the_gap_is_taken(
    bridge: Bridge, ami: Proxy, carrier: Carrier
) -> None:
    """The dialplan still asks the bridge, although the bridge does not see Asterisk's events."""
    await ready_agent(bridge, "1000")
    ami.cut()
    await lost(bridge)
    await carrier.call_in(DID, "7275550777")
    call = await newest_call(bridge, "Y")
    ami.mend()
    await bridge.until_ready()
    found = await bridge.call_is(call["id"], "bridged")
    assert found["agent"] == "1000"
    await carrier.hang_up_network()
    await disposed_once(bridge, call["id"])
    await bridge.agent_is("1000", "ready")


@pytest.mark.parametrize("cuts", [5])
async def test_a_link_that_comes_and_goes(bridge: Bridge, ami: Proxy, carrier: Carrier, cuts: int) -> None:
    await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", TALKS)
    await bridge.call_is(call_id, "bridged")
    for _ in range(cuts):
        ami.cut()
        ami.mend()
    await lost(bridge)
    await bridge.until_ready()
    assert (await bridge.get(f"/calls/{call_id}"))["state"] == "bridged"
    await bridge.post(f"/calls/{call_id}/hangup")
    await disposed_once(bridge, call_id)
    assert carrier.called == [TALKS]


async def test_a_slow_link_changes_nothing_but_the_time(
    bridge: Bridge, ami: Proxy, carrier: Carrier, asterisk: AmiClient
) -> None:
    ami.delay = 0.05
    session = await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", TALKS)
    await bridge.call_is(call_id, "bridged")
    assert len(await asterisk.send_list(ConfbridgeList(session["room"]))) == 2
    await bridge.post(f"/calls/{call_id}/hangup")
    await disposed_once(bridge, call_id)
    assert carrier.called == [TALKS]
    ami.delay = 0


async def test_a_login_whose_queues_were_not_told(bridge: Bridge, ami: Proxy, carrier: Carrier) -> None:
    """The link goes as she sits down: her queues know of her once it is back."""
    ami.rule = lambda _, message: Verdict.CUT if is_action(message, "QueueAdd") else None
    await bridge.log_in("1000")
    await lost(bridge)
    ami.mend()
    await bridge.until_ready()
    await bridge.post("/agents/1000/resume")
    await carrier.call_in(DID, "7275550777")
    call_id = (await newest_call(bridge, "Y"))["id"]
    assert (await bridge.call_is(call_id, "bridged"))["agent"] == "1000"
    await carrier.hang_up_network()
    await disposed_once(bridge, call_id)
