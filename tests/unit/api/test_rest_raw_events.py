"""The raw stream of an Asterisk: who may hear it, and what is asked."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest
from api_fakes import World, crm

from bridge.access.limits import Limits
from bridge.access.model import GroupScope
from bridge.access.names import ALL

URL = "/v1/asterisks/main/events"


async def test_what_is_asked_for_is_asked(admin: httpx.AsyncClient, world: World) -> None:
    reply = await admin.get(f"{URL}?event=Hangup&event=Newchannel&about=PJSIP/1000-00000001")
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.text.startswith("event: ami\n")
    assert world.raw.asked == [("main", ("Hangup", "Newchannel"), "PJSIP/1000-00000001")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/asterisks/nowhere/events", 404),
        (f"{URL}?event=Hang%0Aup", 400),
        (f"{URL}?about=a%20b", 400),
        (f"{URL}?" + "&".join(["event=A"] * 21), 400),
        (f"{URL}?about=" + "x" * 201, 400),
        (f"{URL}?after=1", 400),
    ],
)
async def test_what_cannot_be(admin: httpx.AsyncClient, world: World, path: str, status: int) -> None:
    assert (await admin.get(path)).status_code == status
    assert world.raw.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"limits": Limits(agents=frozenset({"1000"}))},
        {"limits": Limits(lists=frozenset({"101"}))},
        {"scope": GroupScope(campaigns=frozenset({"TESTCAMP"}), groups=ALL)},
        {"scope": GroupScope(campaigns=ALL, groups=frozenset({"SALES"}))},
        {"functions": frozenset({"events", "agent_status", "callid_info"})},
        {"level": 8},
    ],
    ids=["agents", "lists", "campaigns", "groups", "function", "level"],
)
async def test_it_is_for_who_may_see_everything(world: World, change: dict[str, Any]) -> None:
    async with await crm(world) as http:
        known = world.access.users_by_name["crm"]
        world.access.users_by_name["crm"] = msgspec.structs.replace(known, **change)
        assert (await http.get(URL)).status_code == 403
    assert world.raw.asked == []
