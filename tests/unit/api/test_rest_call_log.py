"""Calls of a number, a lead or a number of the site; as CSV; and their dispositions corrected."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from api_fakes import World, crm

from bridge.access.limits import Limits
from bridge.api.rest import calls as module
from bridge.calls.model import Call, CallKind, CallState
from bridge.reports.sight import Sight

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = "since=2026-11-24T00:00:00Z&until=2026-11-25T00:00:00Z"


def called(world: World, name: str, **more: Any) -> Call:
    known: dict[str, Any] = {
        "kind": CallKind.MANUAL,
        "campaign": "TESTCAMP",
        "asterisk": "pbx",
        "number": "7275550100",
        "state": CallState.DISPOSED,
        "status": "NA",
        "asked_at": NOON,
        "disposed_at": NOON,
    }
    call = Call(id=name, legacy_id=name, legacy_uniqueid=name, **known | more)
    world.calls.calls[name] = call
    return call


def listed(world: World, lead_id: int, list_id: int) -> None:
    world.lookups.leads[lead_id] = msgspec.structs.replace(world.lookups.leads[lead_id], list_id=list_id)


async def names(http: httpx.AsyncClient, query: str) -> list[str]:
    reply = await http.get(f"/v1/calls?{query}")
    assert reply.status_code == 200, reply.text
    return [call["id"] for call in reply.json()]


async def test_calls_are_found_by_what_they_are_of(world: World, admin: httpx.AsyncClient) -> None:
    called(world, "a", lead_id=201)
    called(world, "b", number="7275550101", did="7275551234", queue="SALESLINE")
    assert await names(admin, "number=%2B1 (727) 555-0100") == ["a"]
    assert await names(admin, "number=7275550101") == ["b"]
    assert await names(admin, "lead_id=201") == ["a"]
    assert await names(admin, "lead_id=201&status=SALE") == []
    assert await names(admin, f"status=NA&{DAY}") == ["b", "a"]
    assert await names(admin, f"did=7275551234&{DAY}") == ["b"]
    assert await names(admin, f"queue=SALESLINE&{DAY}") == ["b"]
    (found,) = (await admin.get(f"/v1/calls?did=7275551234&{DAY}")).json()
    assert (found["did"], found["queue"]) == ("7275551234", "SALESLINE")


async def test_csv_is_all_pages(
    world: World, admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PART", 2)
    for name in "abcde":
        called(world, name, caller_id="=1+1")
    reply = await admin.get(f"/v1/calls?{DAY}&format=csv")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert [row["id"] for row in rows] == ["e", "d", "c", "b", "a"]
    assert (rows[0]["caller_id"], rows[0]["asked_at"]) == ("'=1+1", "2026-11-24T12:00:00Z")
    assert (await admin.get("/v1/calls?number=7275550100&format=csv")).text.count("\r\n") == 6


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("did=7275551234", "since"),
        ("queue=SALESLINE&since=2026-11-24T00:00:00Z", "until"),
        ("did=7275551234&since=2026-11-24T00:00:00Z&until=2026-12-25T00:00:01Z", "until"),
        ("format=csv", "since"),
        ("status=SALE", "since"),
        ("lead_id=201&status=SEVENLT", "status"),
        (f"format=csv&{DAY}&cursor=a", "cursor"),
        (f"format=xml&{DAY}", "format"),
        ("lead_id=0", "lead_id"),
        ("number=%00", "number"),
        (f"did=x&{DAY}", "did"),
        (f"queue=%0d%0a&{DAY}", "queue"),
    ],
)
async def test_what_cannot_be_is_refused(
    world: World, admin: httpx.AsyncClient, query: str, field: str
) -> None:
    reply = await admin.get(f"/v1/calls?{query}")
    assert (reply.status_code, reply.json()["field"]) == (400, field), reply.text
    assert world.calls.listed == []


async def test_the_callers_limits_are_told_to_the_list(world: World) -> None:
    limits = Limits(campaigns=frozenset({"TESTCAMP"}), agents=frozenset({"1000"}), lists=frozenset({"101"}))
    async with await crm(world, limits=limits) as http:
        assert await names(http, "") == []
        assert (await http.get(f"/v1/calls?{DAY}&format=csv")).status_code == 200
        assert (await http.get("/v1/recordings?lead_id=201")).status_code == 200
    one, other = world.calls.listed
    (of_lead,) = world.recordings.listed
    assert one.sight == other.sight == of_lead.sight
    assert of_lead.lead_id == 201
    assert one.sight == Sight(
        campaigns=frozenset({"TESTCAMP"}),
        agents=frozenset({"1000"}),
        lists=frozenset({101}),
        asked_by="crm",
    )


async def test_a_call_of_another_list_is_not_there_unless_the_caller_asked_for_it(world: World) -> None:
    called(world, "hers", lead_id=201)
    called(world, "own", asked_by="crm")
    called(world, "none")
    listed(world, 201, 101)
    async with await crm(world, limits=Limits(lists=frozenset({"999"}))) as http:
        found = {name: (await http.get(f"/v1/calls/{name}")).status_code for name in ("hers", "own", "none")}
        assert found == {"hers": 404, "own": 200, "none": 404}
        assert (await http.patch("/v1/calls/hers", json={"status": "SALE"})).status_code == 404
    world.access.users_by_name.pop("crm")
    async with await crm(world, limits=Limits(lists=frozenset({"101"}))) as http:
        assert (await http.get("/v1/calls/hers")).status_code == 200


async def test_a_recording_of_another_list_is_not_there(world: World) -> None:
    listed(world, 201, 101)
    recording = world.recordings.add(world.agents.open["1000"])
    world.recordings.kept[recording.id] = msgspec.structs.replace(recording, lead_id=201)
    for lists, status in (("999", 404), ("101", 200)):
        world.access.users_by_name.pop("crm", None)
        async with await crm(world, limits=Limits(lists=frozenset({lists}))) as http:
            assert (await http.get(f"/v1/recordings/{recording.id}")).status_code == status


class TestACorrection:
    async def test_of_a_call_that_is_disposed(self, world: World, admin: httpx.AsyncClient) -> None:
        called(world, "a")
        reply = await admin.patch("/v1/calls/a", json={"status": "SALE"})
        assert (reply.status_code, reply.json()["status"]) == (200, "SALE")
        assert world.calls.calls["a"].status == "SALE"

    async def test_of_one_that_is_not(self, world: World, admin: httpx.AsyncClient) -> None:
        called(world, "a", state=CallState.BRIDGED, status="", disposed_at=None)
        reply = await admin.patch("/v1/calls/a", json={"status": "SALE"})
        assert (reply.status_code, reply.json()["error_id"]) == (409, "invalid-state")
        assert (await admin.patch("/v1/calls/b", json={"status": "SALE"})).status_code == 404

    @pytest.mark.parametrize(
        "body", [{}, {"status": ""}, {"status": "SEVENLT"}, {"status": "A", "user": "x"}]
    )
    async def test_that_cannot_be(self, world: World, admin: httpx.AsyncClient, body: dict[str, str]) -> None:
        called(world, "a")
        assert (await admin.patch("/v1/calls/a", json=body)).status_code == 400
        assert world.calls.calls["a"].status == "NA"
