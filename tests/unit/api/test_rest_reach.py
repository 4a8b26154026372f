"""How far a user of the API reaches: her group's campaigns and groups, and nobody above her."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client
from msgspec.structs import replace

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, GroupScope, UserSpec
from bridge.access.names import ALL
from bridge.agents.model import AgentState
from bridge.campaigns.model import Did, UserGroup
from bridge.services import DialRequest

NARROW = GroupScope(campaigns=frozenset({"OTHERCMP"}), groups=frozenset({"NARROW", "AGENTS"}))


async def someone(world: World, name: str = "narrow", **more: Any) -> httpx.AsyncClient:
    """A client of a user who may do everything, within the group NARROW."""
    world.access.scopes["NARROW"] = NARROW
    spec: dict[str, Any] = {
        "group": "NARROW",
        "level": 9,
        "api_access": True,
        "functions": ALL,
        "rights": ALL_RIGHTS,
    } | more
    await world.access.create(UserSpec(user=name, **spec), "secret")
    return client(world, auth=basic(name, "secret"))


async def test_nobody_takes_over_an_equal_who_may_do_more(world: World) -> None:
    functions = frozenset({"add_user", "user_details"})
    await world.access.create(UserSpec(user="root", group="AGENTS", level=9, functions=ALL), "hers")
    async with await someone(world, "hr", group="AGENTS", functions=functions) as hr:
        reply = await hr.post("/v1/site/apiusers/root/secret")
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "function")
        assert (await hr.delete("/v1/site/apiusers/root")).status_code == 403
        put = await hr.put("/v1/site/apiusers/root", json={"user": "root", "group": "AGENTS"})
        assert put.status_code == 403
    assert world.access.secrets["root"] == "hers"


async def test_nobody_takes_over_a_user_of_a_wider_group(world: World) -> None:
    async with await someone(world) as narrow:
        world.access.scopes["AGENTS"] = GroupScope(campaigns=ALL, groups=frozenset())
        await world.access.create(UserSpec(user="wide", group="AGENTS"), "s")
        reply = await narrow.post("/v1/site/apiusers/wide/secret")
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "group")
        await world.site.add(UserGroup(name="AGENTS"))
        made = await narrow.post("/v1/site/apiusers", json={"user": "helper", "group": "AGENTS"})
        assert (made.status_code, made.json()["details"]["rule"]) == (403, "group")


async def test_nobody_widens_her_own_group(world: World) -> None:
    await world.site.add(UserGroup(name="NARROW", campaigns=NARROW.campaigns, sees_groups=NARROW.groups))
    wider = {"name": "NARROW", "campaigns": "ALL", "sees_groups": "ALL"}
    async with await someone(world) as narrow:
        reply = await narrow.put("/v1/site/usergroups/NARROW", json=wider)
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "group")
        other = await narrow.post("/v1/site/usergroups", json={"name": "MINE"})
        assert other.status_code == 403, "that would be a group for all campaigns"
        fine = wider | {"campaigns": ["OTHERCMP"], "sees_groups": ["NARROW"]}
        assert (await narrow.put("/v1/site/usergroups/NARROW", json=fine)).status_code == 200


async def test_a_did_belongs_to_its_campaign(world: World) -> None:
    theirs: dict[str, Any] = {"number": "7275550001", "queue": "Q", "campaign": "TESTCAMP"}
    ours = "7275550002"
    await world.site.add(Did(**theirs))
    async with await someone(world) as narrow:
        added = await narrow.post("/v1/site/dids", json={**theirs, "number": ours, "campaign": "OTHERCMP"})
        assert added.status_code == 201
        assert [did["number"] for did in (await narrow.get("/v1/site/dids")).json()] == [ours]
        url = f"/v1/site/dids/{theirs['number']}"
        mine = {**theirs, "campaign": "OTHERCMP"}
        for attempt in (narrow.get(url), narrow.delete(url), narrow.put(url, json=mine)):
            assert (await attempt).status_code == 403
        away = await narrow.put(f"/v1/site/dids/{ours}", json={**theirs, "number": ours})
        assert away.status_code == 403


async def test_a_page_is_full_as_long_as_more_follows(world: World) -> None:
    for number in range(20):
        campaign = "OTHERCMP" if number % 7 == 6 else "TESTCAMP"
        await world.site.add(Did(number=f"72755501{number:02}", queue="Q", campaign=campaign))
    async with await someone(world) as narrow:
        page = await narrow.get("/v1/site/dids?limit=1")
        assert [did["number"] for did in page.json()] == ["7275550106"]
        page = await narrow.get(page.links["next"]["url"])
        assert [did["number"] for did in page.json()] == ["7275550113"]
        assert page.links == {}
        users = (await narrow.get("/v1/site/apiusers?limit=1")).json()
        assert len(users) == 1


@pytest.mark.parametrize("command", ["pause", "resume", "logout"])
async def test_an_agent_is_commanded_within_the_callers_campaigns(world: World, command: str) -> None:
    world.agents.seat("1000", AgentState.PAUSED, "TESTCAMP")
    async with await someone(world) as narrow:
        assert (await narrow.get("/v1/agents")).json() == []
        assert (await narrow.get("/v1/agents/1000")).status_code == 403
        reply = await narrow.post(f"/v1/agents/1000/{command}")
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "campaign")
        dialled = await narrow.post("/v1/calls", json={"agent": "1000", "number": "7275550100"})
        assert (dialled.status_code, dialled.json()["details"]["rule"]) == (403, "campaign")
    assert world.record.commands == []


async def test_a_dial_is_on_the_campaign_that_the_agent_is_logged_in_to(
    admin: httpx.AsyncClient, world: World
) -> None:
    world.agents.seat("1000", AgentState.PAUSED, "TESTCAMP")
    wish = {"agent": "1000", "number": "7275550100", "campaign": "OTHERCMP"}
    reply = await admin.post("/v1/calls", json=wish)
    assert (reply.status_code, reply.json()["error_id"]) == (409, "invalid-state")
    assert world.record.commands == []


async def test_calls_of_agents_who_are_not_seen_are_not_there(world: World) -> None:
    world.agents.seat("1000", AgentState.PAUSED, "OTHERCMP")
    call = await world.agents.dial("1000", DialRequest(number="7275550100"))
    world.record.commands.clear()
    world.access.scopes["NARROW"] = NARROW
    async with await someone(world) as sees_her:
        assert (await sees_her.get(f"/v1/calls/{call.id}")).status_code == 200
        await sees_her.get("/v1/calls")
    world.access.scopes["BLIND"] = GroupScope(campaigns=ALL, groups=frozenset({"BLIND"}))
    async with await someone(world, "blind", group="BLIND") as blind:
        url = f"/v1/calls/{call.id}"
        assert (await blind.get(url)).status_code == 404
        assert (await blind.post(f"{url}/hangup")).status_code == 404
        assert (await blind.put(f"{url}/disposition", json={"status": "SALE"})).status_code == 404
        await blind.get("/v1/calls")
    assert [query.sight.groups for query in world.calls.listed] == [NARROW.groups, frozenset({"BLIND"})]
    assert [query.sight.campaigns for query in world.calls.listed] == [NARROW.campaigns, None]
    assert world.record.commands == []


async def test_nobody_gives_wider_limits_than_her_own(world: World) -> None:
    own = Limits(campaigns=frozenset({"OTHERCMP"}), addresses=("127.0.0.0/8",), rate=50)
    inside = {"campaigns": ["OTHERCMP"], "addresses": ["127.0.0.1"], "rate": 5}
    async with await someone(world, limits=own) as narrow:
        for field, wider in (("campaigns", "ALL"), ("addresses", ["10.0.0.0/8"]), ("rate", 51)):
            body = {"user": "helper", "group": "NARROW", "limits": inside | {field: wider}}
            reply = await narrow.post("/v1/site/apiusers", json=body)
            assert (reply.status_code, reply.json()["details"]) == (403, {"rule": "limits", "limit": field})
        body = {"user": "helper", "group": "NARROW", "limits": inside}
        made = await narrow.post("/v1/site/apiusers", json=body)
        assert (made.status_code, made.json()["limits"]["rate"]) == (201, 5.0)
        put = await narrow.put("/v1/site/apiusers/helper", json={"user": "helper", "group": "NARROW"})
        assert (put.status_code, put.json()["details"]["rule"]) == (403, "limits")


async def test_nobody_takes_over_a_user_of_wider_limits(world: World) -> None:
    await world.access.create(UserSpec(user="wide", group="NARROW"), "hers")
    async with await someone(world, limits=Limits(campaigns=frozenset({"OTHERCMP"}))) as narrow:
        for attempt in (
            narrow.post("/v1/site/apiusers/wide/secret"),
            narrow.post("/v1/site/apiusers/wide/enable"),
            narrow.delete("/v1/site/apiusers/wide"),
        ):
            reply = await attempt
            assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "limits")
    assert world.access.secrets["wide"] == "hers"


async def test_a_stopped_user_is_shown_and_switched_on_again(admin: httpx.AsyncClient, world: World) -> None:
    made = await world.access.create(UserSpec(user="crm2", group="AGENTS"), "s")
    world.access.users_by_name["crm2"] = replace(made, stopped="61 calls within an hour")
    shown = (await admin.get("/v1/site/apiusers/crm2")).json()
    assert (shown["active"], shown["stopped"]) == (True, "61 calls within an hour")
    on = await admin.post("/v1/site/apiusers/crm2/enable")
    assert (on.status_code, on.json()["stopped"]) == (200, "")
