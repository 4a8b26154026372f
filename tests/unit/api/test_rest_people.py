"""Erasing a person under `/v1/people`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from api_fakes import World, basic, client

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.access.names import ALL, Names

PERSON = "/v1/people/+17275550100"


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with client(world, auth=basic()) as made:
        yield made


async def caller(world: World, *, functions: Names = ALL, limits: Limits = Limits()) -> httpx.AsyncClient:  # noqa: B008  frozen
    spec = UserSpec(
        user="crm",
        level=9,
        api_access=True,
        functions=functions,
        rights=ALL_RIGHTS,
        group="ADMIN",
        limits=limits,
    )
    await world.access.create(spec, "its-secret")
    return client(world, auth=basic("crm", "its-secret"))


async def test_looked_at_and_erased(http: httpx.AsyncClient, world: World) -> None:
    looked = (await http.get(PERSON)).json()
    assert (looked["dry_run"], looked["rows"]) == (True, {"leads": 1})
    assert world.record.commands == []
    reply = await http.delete(f"{PERSON}?lead_id=7&lead_id=8&evidence_too=true")
    assert reply.status_code == 200, reply.text
    assert (reply.json()["dry_run"], reply.json()["leads"]) == (False, [201, 7, 8])
    assert world.record.commands == [("erase", "+17275550100", "(7, 8)", "evidence")]


async def test_the_audit_trail_has_four_digits_of_her(http: httpx.AsyncClient, world: World) -> None:
    await http.delete(PERSON)
    (entry,) = world.audit.entries
    assert (entry.function, entry.target(frozenset())) == ("people.erase", "number=…0100")


async def test_in_a_call_she_is_not_erased(http: httpx.AsyncClient, world: World) -> None:
    world.persons.busy = True
    assert (await http.get(PERSON)).json()["in_call"]
    reply = await http.delete(PERSON)
    assert (reply.status_code, reply.json()["error_id"]) == (409, "person-in-call"), reply.text
    assert world.record.commands == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/people/++", "number"),
        ("/v1/people/nobody", "number"),
        (f"{PERSON}?lead_id=x", "lead_id"),
        (f"{PERSON}?lead_id=0", "lead_id"),
        (f"{PERSON}?evidence_too=perhaps", "evidence_too"),
        (f"{PERSON}?force=true", "force"),
    ],
)
async def test_what_cannot_be_is_refused(
    http: httpx.AsyncClient, world: World, path: str, field: str
) -> None:
    reply = await http.delete(path)
    assert (reply.status_code, reply.json().get("field")) == (400, field), reply.text
    assert world.record.commands == []


@pytest.mark.parametrize(
    "limits",
    [Limits(lists=frozenset({"999"})), Limits(campaigns=frozenset({"OTHER"}))],
    ids=["list", "campaign"],
)
async def test_who_may_not_use_all_that_is_hers_may_not_erase_her(world: World, limits: Limits) -> None:
    async with await caller(world, limits=limits) as http:
        assert (await http.get(PERSON)).status_code == 403
        assert (await http.delete(PERSON)).status_code == 403
    assert world.record.commands == []


async def test_it_is_a_right_of_its_own(world: World) -> None:
    async with await caller(world, functions=frozenset({"update_lead", "add_lead", "update_list"})) as http:
        assert (await http.delete(PERSON)).status_code == 403
    assert world.record.commands == []
