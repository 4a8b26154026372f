"""A stolen key on a real Asterisk: at its limit nothing rings, it is shut off alone, and the others go on."""

from __future__ import annotations

from typing import Any

import httpx
from service import Bridge
from stack import Carrier, until

RINGS = "7275550102"
WARY = {"calls_per_hour": 2}


async def key(bridge: Bridge, user: str, limits: dict[str, Any]) -> httpx.AsyncClient:
    """An API user that may dial and no more, and a caller with its secret."""
    body = {"user": user, "api_access": True, "functions": ["call_dial", "external_hangup"], "limits": limits}
    await bridge.post("/site/apiusers", body)
    made = await bridge.post(f"/site/apiusers/{user}/secret")
    return httpx.AsyncClient(base_url=bridge.api.base_url, auth=(user, made["secret"]), timeout=30)


async def dial(caller: httpx.AsyncClient) -> httpx.Response:
    return await caller.post("/v1/calls", json={"number": RINGS, "campaign": "TEST"})


async def rung(bridge: Bridge, carrier: Carrier, caller: httpx.AsyncClient, calls: int) -> None:
    """A call of this caller rings, and is hung up."""
    reply = await dial(caller)
    assert reply.status_code == 201, reply.text
    await bridge.call_is(reply.json()["id"], "ringing")
    assert carrier.called == [RINGS] * calls
    await bridge.post(f"/calls/{reply.json()['id']}/hangup")
    await bridge.call_is(reply.json()["id"], "disposed")


async def test_a_key_at_its_limit_rings_nobody_and_is_stopped_alone(bridge: Bridge, carrier: Carrier) -> None:
    async with await key(bridge, "stolen", WARY) as stolen, await key(bridge, "honest", {}) as honest:
        await rung(bridge, carrier, stolen, 1)
        await rung(bridge, carrier, stolen, 2)
        over = await dial(stolen)
        problem = over.json()
        assert (over.status_code, problem["error_id"]) == (429, "too-many-calls"), over.text
        assert problem["details"]["rule"] == "user_calls_per_hour"
        refused = await bridge.last_call()
        assert (refused["asked_by"], refused["end_reason"]) == ("stolen", "refused")
        assert (await dial(stolen)).status_code == 401, "shut out"
        (told,) = await bridge.events("apiuser/stolen")
        assert (told["type"], told["data"]["rule"]) == ("apiuser.stopped", "user_calls_per_hour"), told
        shown = await bridge.get("/site/apiusers/stolen")
        assert "2 calls within the last hour" in shown["stopped"]

        await rung(bridge, carrier, honest, 3)  # and of the stolen key nobody was rung meanwhile

        await bridge.post("/site/apiusers/stolen/enable")
        await rung(bridge, carrier, stolen, 4)


async def test_a_caller_shows_a_number_of_the_sites_own(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    alias = {"name": "DESK", "caller_id": "7275550042"}
    strange = await bridge.api.post("/v1/site/groupaliases", json=alias)
    assert (strange.status_code, strange.json()["field"]) == (400, "caller_id"), strange.text
    await bridge.post("/site/ownnumbers", {"number": "+17275550042"})
    await bridge.post("/site/groupaliases", alias)
    line = await bridge.agc(
        "external_dial",
        agent_user="1000",
        value=RINGS,
        phone_code="1",
        search="NO",
        preview="NO",
        focus="NO",
        group_alias="DESK",
    )
    assert line.startswith("SUCCESS"), line

    async def shown() -> list[str]:
        return carrier.shown

    await until(shown, "a call of the network")
    assert carrier.shown == ["7275550042"]
    await bridge.post("/agents/1000/hangup")
