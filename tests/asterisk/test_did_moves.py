"""A DID that is given another in-group while the bridge runs: the next caller waits in the new one."""

from __future__ import annotations

import pytest
from service import Bridge
from stack import Carrier, until
from test_in_groups import inbound_call
from test_remote_agents import FLAVOURS, Flavour, another_call

DID = "7275551234"


async def move(bridge: Bridge, flavour: Flavour, queue: str) -> None:
    """Give the DID another in-group by one of the two APIs."""
    if flavour == "v1":
        known = await bridge.get(f"/site/dids/{DID}")
        reply = await bridge.api.put(f"/v1/site/dids/{DID}", json=known | {"queue": queue})
        assert reply.status_code == 200, reply.text
    else:
        told = await bridge.non_agent("update_did", did_pattern=DID, did_route="IN_GROUP", group=queue)
        assert told.startswith("SUCCESS: update_did"), told


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_the_next_caller_waits_in_the_new_in_group_and_is_answered_there(
    bridge: Bridge, carrier: Carrier, flavour: Flavour
) -> None:
    await bridge.log_in("1000")
    await bridge.post("/agents/1000/resume")
    await carrier.call_in(DID, "7275550771")
    first = await inbound_call(bridge)
    assert (await bridge.call_is(first["id"], "bridged"))["queue"] == "SALESLINE"
    await move(bridge, flavour, "SUPPORT")
    assert (await bridge.get(f"/calls/{first['id']}"))["queue"] == "SALESLINE", "who is there stays"
    await carrier.hang_up_network()
    await bridge.agent_is("1000", "ready")

    await carrier.call_in(DID, "7275550772")
    second = await until(lambda: another_call(bridge, first["id"]), "another call")
    await bridge.call_is(second["id"], "queued")
    waiting = await bridge.get("/queues/SUPPORT")
    assert [one["number"] for one in waiting["callers"]] == ["7275550772"]
    assert (await bridge.agent("1000"))["state"] == "ready", "she does not serve this one"
    choice = {"agent_user": "1000", "value": "ADD", "blended": "NO", "ingroup_choices": " SUPPORT -"}
    assert (await bridge.agc("change_ingroups", **choice)).startswith("SUCCESS")
    answered = await bridge.call_is(second["id"], "bridged")
    assert (answered["agent"], answered["queue"]) == ("1000", "SUPPORT")
    await carrier.hang_up_network()
    await bridge.agent_is("1000", "ready")
