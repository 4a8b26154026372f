"""The event stream: what is asked of the log, and who may listen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client

from bridge.access.limits import Limits
from bridge.access.model import GroupScope
from bridge.access.names import ALL
from bridge.events.catalogue import Right
from bridge.events.filters import Filter

URL = "/v1/events"


async def test_the_stream_is_passed_on_as_it_is(admin: httpx.AsyncClient, world: World) -> None:
    world.events.frames = [b"id: 1\ndata: {}\n\n", b": still here\n\n"]
    reply = await admin.get(URL)
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.content == b"".join(world.events.frames)
    assert world.events.asked == [(None, Filter(rights=frozenset(Right)))]


async def test_filters_and_where_to_go_on(admin: httpx.AsyncClient, world: World) -> None:
    query = "type=call&type=agent.paused&subject=agents/1000&after=3"
    await admin.get(f"{URL}?{query}")
    await admin.get(f"{URL}?{query}", headers={"Last-Event-ID": "41"})
    await admin.get(f"{URL}?agent=1000&campaign=SALES&call=M1241234560000000201")
    wanted = Filter(types=("call", "agent.paused"), subjects=("agents/1000",), rights=frozenset(Right))
    whose = Filter(agent="1000", campaign="SALES", call="M1241234560000000201", rights=frozenset(Right))
    assert world.events.asked == [(3, wanted), (41, wanted), (None, whose)]


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "\u0661".encode(), "9" * 19, "1 2"])
async def test_a_number_that_is_none(admin: httpx.AsyncClient, world: World, number: str | bytes) -> None:
    value = number.encode() if isinstance(number, str) else number
    reply = await admin.get(URL, headers=[(b"Last-Event-ID", value)])
    assert (reply.status_code, reply.json()["field"]) == (400, "Last-Event-ID")
    assert world.events.asked == []


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "&".join(["type=a"] * 21), "campaign=a%20b", "call=a%0Ab", "agent="]
)
async def test_wishes_that_are_refused(admin: httpx.AsyncClient, world: World, query: str) -> None:
    reply = await admin.get(f"{URL}?{query}")
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
    assert world.events.asked == []


async def test_a_listener_sees_only_what_it_has_the_right_to(world: World) -> None:
    spec = world.access.users_by_name["7008"]
    world.access.users_by_name["7008"] = msgspec.structs.replace(spec, functions=frozenset({"callid_info"}))
    async with client(world, auth=basic("7008", "test7008")) as http:
        assert (await http.get(URL)).status_code == 200
    assert world.events.asked == [(None, Filter(rights=frozenset({Right.CALLS})))]


@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"functions": frozenset()},
        {"scope": None},
        {"scope": GroupScope(campaigns=frozenset({"SALES"}), groups=ALL)},
        {"limits": Limits(agents=frozenset({"1000"}))},
        {"changed_at": datetime(2026, 11, 26, tzinfo=UTC)},
        None,
    ],
    ids=str,
)
async def test_the_stream_ends_for_a_user_who_may_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch, change: dict[str, object] | None
) -> None:
    monkeypatch.setattr("bridge.api.rest.events.LOOK_AGAIN", 0.0)
    first, second = b"id: 1\ndata: {}\n\n", b"id: 2\ndata: {}\n\n"

    async def stream(**_: object) -> AsyncGenerator[bytes, None]:
        yield first
        user = world.access.users_by_name.pop("6666")
        if change is not None:
            world.access.users_by_name["6666"] = msgspec.structs.replace(user, **change)
        yield second

    monkeypatch.setattr(world.events, "stream", stream)
    async with client(world, auth=basic("6666", "1234")) as http:
        assert (await http.get(URL)).content == first


async def test_who_may_see_some_campaigns_gets_their_events(world: World) -> None:
    spec = world.access.users_by_name["6666"]
    scope = GroupScope(campaigns=frozenset({"SALES"}), groups=ALL)
    world.access.users_by_name["6666"] = msgspec.structs.replace(spec, scope=scope)
    async with client(world, auth=basic("6666", "1234")) as http:
        assert (await http.get(f"{URL}?campaign=ELSEWHERE")).status_code == 200
    (wanted,) = [wanted for _, wanted in world.events.asked]
    assert wanted.campaigns == frozenset({"SALES"})
    assert (wanted.campaign, wanted.agents) == ("ELSEWHERE", None)


async def test_who_may_command_some_agents_gets_their_events(world: World) -> None:
    spec = world.access.users_by_name["6666"]
    limits = Limits(agents=frozenset({"1000"}))
    world.access.users_by_name["6666"] = msgspec.structs.replace(spec, limits=limits)
    async with client(world, auth=basic("6666", "1234")) as http:
        assert (await http.get(URL)).status_code == 200
    assert [wanted.agents for _, wanted in world.events.asked] == [frozenset({"1000"})]


@pytest.mark.parametrize(
    "change",
    [
        {"scope": GroupScope(campaigns=ALL, groups=frozenset({"SALES"}))},
        {"limits": Limits(lists=frozenset({"101"}))},
    ],
    ids=str,
)
async def test_what_no_event_can_be_judged_by_gets_no_stream(world: World, change: dict[str, object]) -> None:
    spec = world.access.users_by_name["6666"]
    world.access.users_by_name["6666"] = msgspec.structs.replace(spec, **change)
    async with client(world, auth=basic("6666", "1234")) as http:
        reply = await http.get(URL)
    assert (reply.status_code, reply.json()["details"]) == (403, {"rule": "scope"})
    assert world.events.asked == []
