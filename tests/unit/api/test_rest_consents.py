"""Consents under `/v1`."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.access.names import ALL

CONSENTS = "/v1/leads/201/consents"
GIVEN = {"purpose": "sales", "given_at": "2026-11-24T14:05:00Z", "source": "form /quote", "shown": "I agree"}


@pytest.fixture
async def http(world: World) -> Any:
    async with client(world, auth=basic()) as made:
        yield made


async def test_written_down_read_and_taken_back(http: httpx.AsyncClient, world: World) -> None:
    reply = await http.post(CONSENTS, json=GIVEN)
    assert reply.status_code == 200, reply.text
    assert (reply.json()["purpose"], reply.json()["revoked_at"]) == ("sales", None)
    (entry,) = (await http.get(CONSENTS)).json()
    assert (entry["source"], entry["shown"], entry["recorded_by"]) == ("form /quote", "I agree", "6666")
    reply = await http.post(f"{CONSENTS}/revoke", json={"how": "by letter"})
    assert reply.json() == {"lead_id": 201, "revoked": 1}
    assert world.record.commands == [
        ("consent", "201", "sales", "6666"),
        ("revoke", "201", "", "by letter", "6666"),
    ]
    assert all("201" in entry.target(frozenset()) for entry in world.audit.entries)


async def test_once_with_a_key(http: httpx.AsyncClient, world: World) -> None:
    for _ in range(2):
        await http.post(CONSENTS, json=GIVEN, headers={"Idempotency-Key": "a"})
    assert len(world.record.commands) == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        (CONSENTS.replace("201", "999999"), GIVEN, 404, None),
        (CONSENTS, GIVEN | {"purpose": "Sales!"}, 400, "purpose"),
        (CONSENTS, GIVEN | {"given_at": "yesterday"}, 400, "given_at"),
        (CONSENTS, GIVEN | {"given_at": "2999-01-01T00:00:00Z"}, 400, "given_at"),
        (CONSENTS, GIVEN | {"given_at": "2026-11-24T14:05:00"}, 400, "given_at"),
        (CONSENTS, GIVEN | {"source": ""}, 400, "source"),
        (CONSENTS, GIVEN | {"number": "12a"}, 400, "number"),
        (CONSENTS, GIVEN | {"revoked_at": "2026-11-24T14:05:00Z"}, 400, None),
        (f"{CONSENTS}/revoke", {}, 400, "how"),
        (f"{CONSENTS}/revoke", {"how": ""}, 400, "how"),
    ],
)
async def test_what_cannot_be_is_refused(
    http: httpx.AsyncClient, world: World, path: str, body: Any, status: int, field: str | None
) -> None:
    reply = await http.post(path, json=body)
    assert reply.status_code == status, reply.text
    if field:
        assert reply.json().get("field") == field
    assert world.record.commands == []


async def test_leads_of_lists_that_are_not_theirs_are_nobodys_business(world: World) -> None:
    spec = UserSpec(
        user="crm",
        level=9,
        api_access=True,
        functions=ALL,
        rights=ALL_RIGHTS,
        group="ADMIN",
        limits=Limits(lists=frozenset({"999"})),
    )
    await world.access.create(spec, "its-secret")
    async with client(world, auth=basic("crm", "its-secret")) as http:
        assert (await http.get(CONSENTS)).status_code == 403
        assert (await http.post(CONSENTS, json=GIVEN)).status_code == 403
        assert (await http.post(f"{CONSENTS}/revoke", json={"how": "x"})).status_code == 403
    assert world.record.commands == []
