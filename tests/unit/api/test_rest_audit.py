"""`/v1/audit` and what a user makes of its functions."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client

from bridge.access.model import GroupScope
from bridge.audit.entry import Result
from bridge.audit.model import AuditQuery, AuditRow

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def row(number: int) -> AuditRow:
    return AuditRow(
        id=f"0192-{number}",
        time=NOON,
        user="crm",
        key="",
        address="192.0.2.7",
        function="external_dial",
        target="agent=1000",
        result=Result.OK,
        reason="",
        status=200,
        milliseconds=1.5,
        events=["e"],
    )


async def test_rows_page_by_page(admin: httpx.AsyncClient, world: World) -> None:
    world.audit.rows = [row(number) for number in (5, 4, 3, 2, 1)]
    seen: list[str] = []
    url: str | None = "/v1/audit?limit=2"
    while url:
        reply = await admin.get(url)
        assert reply.status_code == 200
        seen += [each["id"] for each in reply.json()]
        url = reply.links["next"]["url"] if "next" in reply.links else None
    assert seen == ["0192-5", "0192-4", "0192-3", "0192-2", "0192-1"]
    assert reply.json()[0]["events"] == ["e"]


async def test_what_is_asked_for(admin: httpx.AsyncClient, world: World) -> None:
    await admin.get(
        "/v1/audit?user=crm&function=external_dial&refused=true&since=2026-11-24T12:00:00Z&until=2026-11-25T12:00:00Z"
    )
    assert world.audit.queries == [
        AuditQuery(
            user="crm",
            function="external_dial",
            refused=True,
            since=NOON,
            until=NOON.replace(day=25),
            limit=101,
        )
    ]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"level": 8}, "level"),
        ({"rights": {}}, "right"),
        ({"functions": frozenset({"events", "user_details"})}, "function"),
        ({"scope": GroupScope(campaigns=frozenset({"TESTCAMP"}))}, "scope"),
        ({"scope": GroupScope(groups=frozenset({"AGENTS"}))}, "scope"),
    ],
)
async def test_it_is_for_those_who_see_everything(
    admin: httpx.AsyncClient, world: World, change: dict[str, object], rule: str
) -> None:
    world.access.users_by_name["6666"] = msgspec.structs.replace(world.access.users_by_name["6666"], **change)
    reply = await admin.get("/v1/audit")
    assert (reply.status_code, reply.json()["details"]["rule"]) == (403, rule)
    assert world.audit.queries == []


async def test_what_a_user_makes_of_its_functions(admin: httpx.AsyncClient, world: World) -> None:
    usage = (await admin.get("/v1/site/apiusers/7000/usage")).json()
    assert (usage["user"], usage["rights"], usage["used"], usage["unused"]) == ("7000", 2, 1, ["logout"])
    assert usage["last_address"] == "192.0.2.7"
    assert (await admin.get("/v1/site/apiusers/1000/usage")).status_code == 404  # an agent
    async with client(world, auth=basic("7000", "test7000")) as http:
        assert (await http.get("/v1/site/apiusers/7000/usage")).status_code == 403
