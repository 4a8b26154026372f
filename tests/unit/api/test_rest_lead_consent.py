"""Leads that come over `/v1` together with what their customers have agreed to."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client, crm

from bridge.access.limits import Limits
from bridge.access.names import ALL
from bridge.agents.model import AgentState
from bridge.leads.model import DncEntry, DncKind

LEADS = "/v1/agents/1000/leads"
GIVEN = {"purpose": "sales", "given_at": "2026-11-24T14:05:00Z", "source": "form /quote", "shown": "I agree"}
BODY = {"phone_number": "7275550100", "phone_code": "1"}
BOTH = BODY | {"consent": GIVEN}


@pytest.fixture
def seated(world: World) -> World:
    world.agents.seat("1000", AgentState.READY)
    world.record.commands.clear()
    return world


@pytest.fixture
async def http(seated: World) -> Any:
    async with client(seated, auth=basic()) as made:
        yield made


async def test_both_are_written(http: httpx.AsyncClient, seated: World) -> None:
    reply = await http.post(LEADS, json=BOTH)
    assert reply.status_code == 200, reply.text
    (given,) = seated.consents.given
    assert given.lead_id == reply.json()["lead_id"] in seated.leads.kept
    assert (given.purpose, given.source, given.shown, given.recorded_by) == (
        "sales",
        "form /quote",
        "I agree",
        "6666",
    )


@pytest.mark.parametrize("body", [BODY, BODY | {"consent": None}])
async def test_a_lead_may_come_without(http: httpx.AsyncClient, seated: World, body: Any) -> None:
    assert (await http.post(LEADS, json=body)).status_code == 200
    assert (len(seated.leads.kept), seated.consents.given) == (1, [])


async def test_once_with_a_key(http: httpx.AsyncClient, seated: World) -> None:
    headers = {"Idempotency-Key": "a"}
    first, again = [await http.post(LEADS, json=BOTH, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    assert (len(seated.leads.kept), len(seated.consents.given)) == (1, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", "Sales!"),
        ("given_at", "yesterday"),
        ("given_at", "2999-01-01T00:00:00Z"),
        ("given_at", "2026-11-24T14:05:00"),
        ("source", ""),
        ("source", " "),
        ("source", "a\r\0b"),
        ("shown", "x" * 4001),
        ("number", "12a"),
    ],
)
async def test_without_its_consent_no_lead(
    http: httpx.AsyncClient, seated: World, field: str, value: str
) -> None:
    reply = await http.post(LEADS, json=BODY | {"consent": GIVEN | {field: value}})
    assert (reply.status_code, reply.json()["field"]) == (400, f"consent.{field}"), reply.text
    assert (seated.leads.kept, seated.consents.given) == ({}, [])


async def test_a_field_that_no_consent_has(http: httpx.AsyncClient, seated: World) -> None:
    reply = await http.post(LEADS, json=BODY | {"consent": GIVEN | {"revoked_at": "2026-11-24T14:05:00Z"}})
    assert reply.status_code == 400
    assert (seated.leads.kept, seated.consents.given) == ({}, [])


async def test_without_its_lead_no_consent(http: httpx.AsyncClient, seated: World) -> None:
    seated.leads.forbidden.append(DncEntry(number="7275550100", kind=DncKind.NUMBER, campaign=""))
    reply = await http.post(LEADS, json=BOTH | {"check_dnc": True})
    assert reply.status_code == 403, reply.text
    assert (seated.leads.kept, seated.consents.given) == ({}, [])


@pytest.mark.parametrize(
    ("spec", "limits"),
    [
        ({"functions": frozenset({"external_add_lead"}), "level": 9}, Limits()),
        ({"functions": ALL, "level": 7}, Limits()),
        ({"functions": ALL, "level": 9}, Limits(lists=frozenset({"999999"}))),
    ],
)
async def test_who_may_write_no_consents_writes_none_this_way(
    seated: World, spec: dict[str, Any], limits: Limits
) -> None:
    async with await crm(seated, limits=limits, **spec) as http:
        assert (await http.post(LEADS, json=BOTH)).status_code == 403
        assert (seated.leads.kept, seated.consents.given) == ({}, [])
        if limits == Limits():
            assert (await http.post(LEADS, json=BODY)).status_code == 200
