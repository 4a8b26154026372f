"""What is going on now: agents, in-groups, groups of users; and what an agent may use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from api_fakes import World, crm
from msgspec.structs import replace

from bridge.access.limits import Limits
from bridge.agents.model import AgentState
from bridge.calls.model import Call, CallKind, CallState
from bridge.campaigns.model import Campaign, InGroup, UserGroup
from bridge.reports.standing import Standing
from bridge.rules import Drops

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def talking(world: World, name: str = "one", **more: Any) -> Call:
    known: dict[str, Any] = {
        "kind": CallKind.INBOUND,
        "campaign": "TESTCAMP",
        "queue": "SALESLINE",
        "asterisk": "pbx",
        "number": "7275550100",
        "state": CallState.BRIDGED,
        "asked_at": NOW,
    }
    call = Call(id=name, legacy_id=name, legacy_uniqueid=name, **known | more)
    world.reports.open.append(call)
    return call


@pytest.fixture
async def busy(world: World) -> World:
    """An agent in a call of an in-group, where another caller waits, and one who waits herself."""
    await world.site.add(InGroup(name="SALESLINE"))
    await world.site.add(UserGroup(name="AGENTS"))
    await world.site.add(UserGroup(name="OTHERS"))
    talking(world)
    talking(world, "two", state=CallState.QUEUED)
    world.agents.seat("1000", AgentState.INCALL, call_id="one", queues=("SALESLINE",))
    world.agents.seat("1001", AgentState.READY)
    world.reports.today = {"1000": 7}
    return world


@pytest.mark.usefixtures("busy")
async def test_agents(admin: httpx.AsyncClient) -> None:
    first, second = (await admin.get("/v1/reports/now")).json()
    assert (first["agent"], first["doing"], first["call_id"], first["calls_today"]) == (
        "1000",
        "call",
        "one",
        7,
    )
    assert (second["agent"], second["doing"], second["call_id"]) == ("1001", "waiting", "")
    page = await admin.get("/v1/reports/now?limit=1")
    assert [one["agent"] for one in page.json()] == ["1000"]
    assert [one["agent"] for one in (await admin.get(page.links["next"]["url"])).json()] == ["1001"]


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    ("query", "agents"),
    [
        ("agent=1001", ["1001"]),
        ("campaign=OTHERCMP", []),
        ("group=AGENTS&campaign=TESTCAMP", ["1000", "1001"]),
        ("group=OTHERS", []),
    ],
)
async def test_some_agents(admin: httpx.AsyncClient, query: str, agents: list[str]) -> None:
    assert [one["agent"] for one in (await admin.get(f"/v1/reports/now?{query}")).json()] == agents


@pytest.mark.usefixtures("busy")
async def test_in_groups_and_groups_are_counted(admin: httpx.AsyncClient) -> None:
    agents = {"all": 1, "call": 1, "waiting": 0, "paused": 0, "dispo": 0, "dialling": 0}
    (queue,) = (await admin.get("/v1/reports/queues?name=SALESLINE")).json()
    assert queue == {"name": "SALESLINE", "calls": 2, "waiting": 1, "agents": agents}
    (group,) = (await admin.get("/v1/reports/usergroups?name=AGENTS")).json()
    assert group == {"name": "AGENTS", "waiting": 1, "agents": agents | {"all": 2, "waiting": 1}}
    text = (await admin.get("/v1/reports/usergroups?name=OTHERS&format=csv")).text
    assert text.splitlines()[0].startswith("name,waiting,agents_all,agents_call,agents_waiting")
    assert text.splitlines()[1] == "OTHERS,1,0,0,0,0,0,0"


@pytest.mark.parametrize(
    ("limits", "agents", "waiting"),
    [
        (Limits(agents=frozenset({"1001"})), ["1001"], 1),
        (Limits(campaigns=frozenset({"OTHERCMP"})), [], 0),
    ],
    ids=["agents", "campaigns"],
)
async def test_the_callers_limits_hold(busy: World, limits: Limits, agents: list[str], waiting: int) -> None:
    async with await crm(busy, limits=limits) as http:
        assert [one["agent"] for one in (await http.get("/v1/reports/now")).json()] == agents
        for report in ("queues?name=SALESLINE", "usergroups?name=AGENTS"):
            (one,) = (await http.get(f"/v1/reports/{report}")).json()
            assert one["waiting"] == waiting


async def test_campaigns(busy: World, admin: httpx.AsyncClient) -> None:
    campaign = await busy.site.get(Campaign, "TESTCAMP")
    assert campaign is not None
    await busy.site.put(replace(campaign, id="ASLEEP", active=False))
    talking(busy, "three", kind=CallKind.AUTO, state=CallState.RINGING)
    talking(busy, "over", state=CallState.ENDED)
    busy.reports.stand = Standing(ready=42, held=7, drops=Drops(answered=200, abandoned=5))
    (one,) = (await admin.get("/v1/reports/campaigns?name=TESTCAMP")).json()
    assert one == {
        "name": "TESTCAMP",
        "dial_method": "RATIO",
        "dial_level": 0.0,
        "max_dial_level": 3.0,
        "calls": 3,
        "dialling": 1,
        "waiting": 1,
        "hopper": 42,
        "hopper_held": 7,
        "answered": 200,
        "abandoned": 5,
        "drop_percent": 2.5,
        "drop_limit": 3.0,
        "agents": {"all": 2, "call": 1, "waiting": 1, "paused": 0, "dispo": 0, "dialling": 0},
    }
    names = [found["name"] for found in (await admin.get("/v1/reports/campaigns")).json()]
    assert "TESTCAMP" in names
    assert "ASLEEP" not in names
    page = await admin.get("/v1/reports/campaigns?limit=1")
    assert [found["name"] for found in page.json()] == names[:1]
    text = (await admin.get("/v1/reports/campaigns?name=TESTCAMP&format=csv")).text.splitlines()
    assert text[0].endswith(
        ",drop_percent,drop_limit,agents_all,agents_call,agents_waiting,agents_paused,agents_dispo,agents_dialling"
    )
    assert text[1] == "TESTCAMP,RATIO,0.0,3.0,3,1,1,42,7,200,5,2.5,3.0,2,1,1,0,0,0"


async def test_the_callers_limits_hold_for_campaigns(busy: World) -> None:
    async with await crm(busy, limits=Limits(campaigns=frozenset({"OTHERCMP"}))) as http:
        assert "TESTCAMP" not in [one["name"] for one in (await http.get("/v1/reports/campaigns")).json()]
    busy.access.users_by_name.pop("crm")
    async with await crm(busy, limits=Limits(agents=frozenset({"1001"}), lists=frozenset({"101"}))) as http:
        (one,) = (await http.get("/v1/reports/campaigns?name=TESTCAMP")).json()
    assert (one["agents"]["all"], one["hopper"], one["hopper_held"]) == (1, None, None)


async def test_groups_that_are_not_seen_are_not_there(busy: World) -> None:
    await crm(busy)
    busy.access.scopes["NARROW"] = type(busy.access.scopes["ADMIN"])(groups=frozenset({"OTHERS"}))
    busy.access.users_by_name.pop("crm")
    async with await crm(busy, group="NARROW") as http:
        assert [one["name"] for one in (await http.get("/v1/reports/usergroups")).json()] == ["OTHERS"]
        assert (await http.get("/v1/reports/now")).json() == []


async def test_what_an_agent_may_use(world: World, admin: httpx.AsyncClient) -> None:
    world.agents.open.clear()
    found = (await admin.get("/v1/agents/1000/campaigns")).json()
    assert found["agent"] == "1000"
    assert "TESTCAMP" in found["campaigns"]
    async with await crm(world, limits=Limits(campaigns=frozenset({"OTHERCMP"}))) as http:
        assert "TESTCAMP" not in (await http.get("/v1/agents/1000/campaigns")).json()["campaigns"]
    assert (await admin.get("/v1/agents/nobody/campaigns")).status_code == 404
    world.access.users_by_name.pop("crm")
    async with await crm(world, limits=Limits(agents=frozenset({"1001"}))) as http:
        assert (await http.get("/v1/agents/1000/campaigns")).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "now?user=1",
        "now?agent=%00",
        "queues?format=csv&limit=1",
        "usergroups?limit=0",
        "campaigns?name=%3Cb%3E",
    ],
)
async def test_what_cannot_be_is_refused(admin: httpx.AsyncClient, query: str) -> None:
    assert (await admin.get(f"/v1/reports/{query}")).status_code == 400
