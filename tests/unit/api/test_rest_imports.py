"""Files of leads under `/v1/imports`, over a desk that keeps them in memory."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client
from api_fakes.files import NOON
from msgspec.structs import replace

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.imports.model import ConsentOfAll, Import, Refusal
from bridge.leads.model import LeadList
from bridge.uploads.model import Upload, UploadState

IMPORTS = "/v1/imports"
NONE = f"{IMPORTS}/019aa5d2-1f00-7000-8000-00000000ffff"
FILE = b"Phone\n7275550100\n"
PART = {"content-type": "application/offset+octet-stream"}


@pytest.fixture
async def http(world: World) -> Any:
    world.site.items |= {(LeadList, str(one)): LeadList(id=one, campaign="TESTCAMP") for one in (101, 102)}
    async with client(world, auth=basic()) as made:
        yield made


async def limited(world: World, user: str, *lists: int) -> httpx.AsyncClient:
    """A client of somebody who may import into some lists, and do nothing else."""
    spec = UserSpec(
        user=user,
        level=8,
        api_access=True,
        functions=frozenset({"import_leads"}),
        rights=ALL_RIGHTS,
        group="ADMIN",
        limits=Limits(lists=frozenset(map(str, lists))),
    )
    await world.access.create(spec, "its-secret")
    return client(world, auth=basic(user, "its-secret"))


async def begun(http: httpx.AsyncClient, size: int = len(FILE)) -> str:
    reply = await http.post(IMPORTS, json={"name": "may.csv", "size": size})
    assert reply.status_code == 200, reply.text
    return f"{IMPORTS}/{reply.json()['id']}"


async def send(http: httpx.AsyncClient, at: str, offset: int, part: bytes) -> httpx.Response:
    return await http.patch(at, content=part, headers=PART | {"Upload-Offset": str(offset)})


def upload(world: World, at: str) -> Upload:
    return world.imports.uploads[at.rpartition("/")[2]]


async def test_sent_in_parts_looked_at_and_started(http: httpx.AsyncClient, world: World) -> None:
    at = await begun(http)
    first = await send(http, at, 0, FILE[:6])
    assert (first.status_code, first.headers["upload-offset"]) == (200, "6")
    assert (await http.get(at)).json()["received"] == 6
    assert (await http.get(f"{at}/preview")).json()["details"]["state"] == "uploading"
    assert (await send(http, at, 6, FILE[6:])).json()["state"] == "uploaded"
    shown = (await http.get(f"{at}/preview", params={"list_id": 101, "header": "true"})).json()
    assert shown["preview"]["layout"]["delimiter"] == ","
    body = {
        "list_id": 101,
        "columns": {"1": "phone_number"},
        "duplicates": "duplist",
        "consent": {"purpose": "x"},
    }
    reply = await http.post(f"{at}/start", json=body)
    assert (reply.status_code, reply.json()["state"]) == (202, "running"), reply.text
    reading, target = world.imports.asked[-1]
    assert (reading.columns, reading.country) == ({"1": "phone_number"}, "US")
    assert reading.consent == ConsentOfAll(purpose="x")
    assert (target.list_id, target.custom, target.duplicates) == (101, ("colour",), "DUPLIST")
    names = [entry.target(frozenset()) for entry in world.audit.entries]
    assert all("import=" in name for name in names)
    assert "list=101" in names[-1]


async def test_numbers_are_read_in_the_country_of_the_list(http: httpx.AsyncClient, world: World) -> None:
    await world.site.put(LeadList(id=101, campaign="TESTCAMP", country="GB"))
    at = await begun(http)
    await send(http, at, 0, FILE)
    await http.get(f"{at}/preview", params={"list_id": 101})
    assert world.imports.asked[-1][0].country == "GB"
    await http.post(f"{at}/start", json={"list_id": 101, "country": "de"})
    assert world.imports.asked[-1][0].country == "DE"


async def test_how_far_it_is(http: httpx.AsyncClient, world: World) -> None:
    at = await begun(http)
    await send(http, at, 0, FILE)
    await http.post(f"{at}/start", json={"list_id": 101})
    found = (await http.get(at)).json()
    assert (found["rows"], found["row"], found["rate"], found["seconds_left"]) == (None, 0, None, None)
    plan = upload(world, at).plan
    assert plan is not None
    world.imports.done = Import(
        id="f" * 64, name="may.csv", list_id=101, plan=plan, total=901, position=401, added=390, refused=10
    )
    found = (await http.get(at)).json()
    assert (found["rows"], found["row"], found["added"], found["refused"]) == (901, 401, 390, 10)
    assert (found["rate"], found["seconds_left"]) == (100.0, 5.0)


async def test_the_refused_rows_are_a_file_that_calculates_nothing(
    http: httpx.AsyncClient, world: World
) -> None:
    at = await begun(http)
    await send(http, at, 0, FILE)
    await http.post(f"{at}/start", json={"list_id": 101})
    world.imports.refused = [
        Refusal(row=row, column="Phone", why="no number", cells=("=1+1",)) for row in range(2, 7)
    ]
    reply = await http.get(f"{at}/refused")
    assert reply.headers["content-type"].startswith("text/csv")
    assert "attachment" in reply.headers["content-disposition"]
    lines = reply.text.removeprefix("\ufeff").splitlines()
    assert lines[0] == "refused_row,refused_column,refused_because,Phone"
    assert [line.partition(",")[0] for line in lines[1:]] == ["2", "3", "4", "5", "6"]
    assert lines[1].endswith(",'=1+1")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": "a.csv"}, 400, "size"),
        ({"name": "a.csv", "size": 0}, 400, "size"),
        ({"name": "a.csv", "size": "9"}, 400, "size"),
        ({"name": "a\r\nb", "size": 9}, 400, "name"),
        ({"name": "", "size": 9}, 400, "name"),
        ({"name": "x" * 256, "size": 9}, 400, "name"),
        ({"name": "a.csv", "size": 9, "list": 1}, 400, "list"),
        ({"name": "a.csv", "size": 2 << 30}, 413, "size"),
    ],
)
async def test_what_is_not_begun(
    http: httpx.AsyncClient, world: World, body: Any, status: int, field: str
) -> None:
    reply = await http.post(IMPORTS, json=body)
    assert (reply.status_code, reply.json()["field"]) == (status, field), reply.text
    assert world.record.commands == []


@pytest.mark.parametrize(
    ("headers", "part", "status", "error"),
    [
        (PART, FILE, 400, "invalid-input"),
        (PART | {"Upload-Offset": "x"}, FILE, 400, "invalid-input"),
        (PART | {"Upload-Offset": "-1"}, FILE, 400, "invalid-input"),
        (PART | {"Upload-Offset": "3"}, FILE, 409, "offset-mismatch"),
        (PART | {"Upload-Offset": "0"}, b"x" * 1001, 413, "import-too-large"),
        ({"content-type": "text/csv", "Upload-Offset": "0"}, FILE, 415, ""),
    ],
)
async def test_a_part_that_is_not_taken(
    http: httpx.AsyncClient, world: World, headers: dict[str, str], part: bytes, status: int, error: str
) -> None:
    at = await begun(http)
    reply = await http.patch(at, content=part, headers=headers)
    assert reply.status_code == status, reply.text
    assert error in ("", reply.json()["error_id"])
    assert upload(world, at).received == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "list_id"),
        ({"list_id": 0}, "list_id"),
        ({"list_id": 101, "columns": {"a": 1}}, "columns"),
        ({"list_id": 101, "columns": {"a": "x" * 300}}, "columns"),
        ({"list_id": 101, "duplicates": "DUP'; DROP"}, "duplicates"),
        ({"list_id": 101, "country": "USA"}, "country"),
        ({"list_id": 101, "encoding": "a\nb"}, "encoding"),
        ({"list_id": 101, "consent": {"who": "me"}}, "consent.who"),
        ({"list_id": 101, "lists": 1}, "lists"),
    ],
)
async def test_what_is_not_started(http: httpx.AsyncClient, world: World, body: Any, field: str) -> None:
    at = await begun(http)
    await send(http, at, 0, FILE)
    reply = await http.post(f"{at}/start", json=body)
    assert reply.status_code == 400, reply.text
    assert reply.json()["field"].startswith(field)
    assert upload(world, at).state is UploadState.UPLOADED


async def test_it_is_begun_started_and_cancelled_once_with_a_key(
    http: httpx.AsyncClient, world: World
) -> None:
    key = {"Idempotency-Key": "a"}
    for _ in range(2):
        await http.post(IMPORTS, json={"name": "may.csv", "size": len(FILE)}, headers=key)
    (one,) = world.imports.uploads.values()
    at = f"{IMPORTS}/{one.id}"
    await send(http, at, 0, FILE)
    for _ in range(2):
        await http.post(f"{at}/start", json={"list_id": 101}, headers={"Idempotency-Key": "b"})
        await http.post(f"{at}/cancel", headers={"Idempotency-Key": "c"})
    assert [command[0] for command in world.record.commands] == ["import", "start", "cancel"]


async def test_what_there_is_not(http: httpx.AsyncClient, world: World) -> None:
    for method, path in (
        ("GET", ""),
        ("GET", "/preview"),
        ("GET", "/refused"),
        ("POST", "/cancel"),
        ("PATCH", ""),
    ):
        reply = await http.request(method, NONE + path, headers={"Upload-Offset": "0"})
        assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-import"), path
    assert (await http.get(f"{IMPORTS}/..%2f..%2fetc")).status_code in (400, 404)
    assert world.record.commands == []


@pytest.mark.usefixtures("http")
async def test_only_into_lists_that_are_the_callers(world: World) -> None:
    async with await limited(world, "crm", 102) as crm:
        at = await begun(crm)
        await send(crm, at, 0, FILE)
        looked = await crm.get(f"{at}/preview?list_id=101")
        assert looked.json()["details"] == {"rule": "list", "needs": "101"}
        refused = await crm.post(f"{at}/start", json={"list_id": 101})
        assert (refused.status_code, refused.json()["details"]["rule"]) == (403, "list")
        assert upload(world, at).state is UploadState.UPLOADED
        assert (await crm.post(f"{at}/start", json={"list_id": 102})).status_code == 202


async def test_the_files_of_others_are_nobodys_business(http: httpx.AsyncClient, world: World) -> None:
    waiting, running = await begun(http), await begun(http)
    await send(http, running, 0, FILE)
    await http.post(f"{running}/start", json={"list_id": 101})
    async with await limited(world, "crm", 102) as crm:
        for at in (waiting, running):
            for method, path in (("GET", ""), ("GET", "/refused"), ("GET", "/preview"), ("POST", "/cancel")):
                assert (await crm.request(method, at + path)).status_code == 403, (at, path)
            assert (await send(crm, at, 0, FILE)).status_code == 403
        own = await begun(crm)
        assert [one["id"] for one in (await crm.get(IMPORTS)).json()] == [own.rpartition("/")[2]]
    assert len((await http.get(IMPORTS)).json()) == 3
    assert ("cancel", waiting) not in world.record.commands


async def test_pages(http: httpx.AsyncClient) -> None:
    made = [(await begun(http)).rpartition("/")[2] for _ in range(3)]
    first = await http.get(IMPORTS, params={"limit": 2})
    assert [one["id"] for one in first.json()] == made[:0:-1]
    second = await http.get(first.links["next"]["url"])
    assert [one["id"] for one in second.json()] == made[:1]
    assert "next" not in second.links


@pytest.mark.usefixtures("http")
async def test_a_campaign_that_is_not_the_groups(world: World) -> None:
    world.site.items[LeadList, "103"] = LeadList(id=103, campaign="OTHERCMP")
    async with await limited(world, "crm", 103) as crm:
        user = world.access.users_by_name["crm"]
        limits = Limits(lists=frozenset({"103"}), campaigns=frozenset({"TESTCAMP"}))
        world.access.users_by_name["crm"] = replace(user, limits=limits)
        at = await begun(crm)
        await send(crm, at, 0, FILE)
        reply = await crm.post(f"{at}/start", json={"list_id": 103})
    assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "campaign")
    assert upload(world, at).created_at == NOON
