"""Calls under `/v1`, and what an `Idempotency-Key` promises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client
from api_fakes.work import REFUSED as FORBIDDEN_NUMBER

from bridge.calls.model import NEVER_SENT, REFUSED, CallKind, CallState
from bridge.calls.verdicts import Verdict
from bridge.delivery.model import Delivery, DeliveryState
from bridge.errors import (
    AsteriskUnavailable,
    DestinationNotAllowed,
    OriginateRefused,
    OriginateUnknown,
    TooManyCalls,
    UserLimited,
    UserShutOut,
)
from bridge.events.envelope import EventRecord
from bridge.rules import Ground, Rule
from bridge.services import DialRequest
from bridge.store.errors import StoreFull

URL = "/v1/calls"
AUTO = {"number": "7275550100", "campaign": "TESTCAMP"}
MANUAL = {"number": "7275550100", "agent": "1000"}


async def test_dial_for_an_agent(admin: httpx.AsyncClient, world: World) -> None:
    reply = await admin.post(URL, json={**MANUAL, "phone_code": "1", "lead_id": 201})
    call = reply.json()
    assert (reply.status_code, call["kind"], call["agent"]) == (201, "M", "1000")
    assert reply.headers["location"] == f"/v1/calls/{call['id']}"
    assert world.record.commands == [("dial", "1000", "7275550100", "1", "201", "")]


async def test_dial_without_an_agent(admin: httpx.AsyncClient) -> None:
    call = (await admin.post(URL, json=AUTO)).json()
    assert (call["kind"], call["campaign"], call["asked_by"]) == ("V", "TESTCAMP", "6666")


async def test_dial_a_lead_by_its_id(admin: httpx.AsyncClient, world: World) -> None:
    await admin.post(URL, json={"agent": "1000", "lead_id": 203})
    assert world.record.commands == [("dial", "1000", "7275550203", "1", "203", "")]


async def test_from_call_to_disposition_by_any_id(admin: httpx.AsyncClient) -> None:
    call = (await admin.post(URL, json=MANUAL)).json()
    for name in ("id", "legacy_id", "legacy_uniqueid"):
        assert (await admin.get(f"{URL}/{call[name]}")).json()["id"] == call["id"]
    ended = await admin.post(f"{URL}/{call['legacy_id']}/hangup")
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    disposed = await admin.put(f"{URL}/{call['legacy_uniqueid']}/disposition", json={"status": "SALE"})
    assert (disposed.json()["status"], disposed.json()["status_source"]) == ("SALE", "agent")
    again = await admin.put(f"{URL}/{call['id']}/disposition", json={"status": "NI"})
    assert (again.status_code, again.json()["error_id"]) == (409, "invalid-state")


async def test_pages_of_calls_newest_first(admin: httpx.AsyncClient) -> None:
    ids = sorted([(await admin.post(URL, json=AUTO)).json()["id"] for _ in range(3)])  # one millisecond
    first = await admin.get(URL, params={"limit": 2, "agent": ""})
    assert [call["id"] for call in first.json()] == [ids[2], ids[1]]
    assert set(first.links) == {"next"}
    rest = await admin.get(first.links["next"]["url"])
    assert [call["id"] for call in rest.json()] == [ids[0]]
    assert rest.links == {}
    await admin.post(f"{URL}/{ids[0]}/hangup")
    live = (await admin.get(URL, params={"live": "true"})).json()
    assert [call["id"] for call in live] == [ids[2], ids[1]]


async def test_timeline(admin: httpx.AsyncClient, world: World) -> None:
    call = (await admin.post(URL, json=AUTO)).json()
    data = msgspec.Raw(b'{"state":"ringing"}')
    subject = f"calls/{call['id']}"
    world.calls.events.append(EventRecord(7, "e1", "call.ringing", subject, datetime.now(UTC), data))
    told = (await admin.get(f"{URL}/{call['legacy_id']}/timeline")).json()
    assert [(event["seq"], event["type"], event["data"]) for event in told] == [
        (7, "call.ringing", {"state": "ringing"})
    ]


async def test_what_the_crm_was_told(admin: httpx.AsyncClient, world: World) -> None:
    call = (await admin.post(URL, json=AUTO)).json()
    world.calls.told.append(
        Delivery(
            id="d1",
            source="crm",
            kind="dispo_call",
            event_seq=7,
            subject=f"calls/{call['id']}",
            call_id=call["id"],
            lead_id=201,
            url="https://crm.example/?lead=--A--lead_id--B--",
            state=DeliveryState.PENDING,
            attempts=2,
            made_at=datetime.now(UTC),
            next_at=datetime.now(UTC),
            tried_at=datetime.now(UTC),
            settled_at=None,
            status=503,
            error="answered 503",
        )
    )
    (told,) = (await admin.get(f"{URL}/{call['legacy_id']}/deliveries")).json()
    assert (told["kind"], told["state"], told["attempts"], told["error"]) == (
        "dispo_call",
        "pending",
        2,
        "answered 503",
    )


async def test_the_rules_that_let_a_call_pass(admin: httpx.AsyncClient, world: World) -> None:
    call = (await admin.post(URL, json=AUTO)).json()
    found = (Ground(rule=Rule.COUNTRY, found="US is among the allowed countries"),)
    world.calls.verdicts[call["id"]] = verdict_of(call["id"], allowed=True, purpose="auto", grounds=found)
    told = (await admin.get(f"{URL}/{call['legacy_id']}/rules")).json()
    assert told.pop("at").startswith("2026-11-24T14:03")
    assert told == {
        "call_id": call["id"],
        "allowed": True,
        "purpose": "auto",
        "rules": [
            {"rule": "country", "outcome": "passed", "why": found[0].found, "source": ""},
        ],
    }


async def test_the_rule_that_has_refused_a_call(admin: httpx.AsyncClient, world: World) -> None:
    call = (await admin.post(URL, json=AUTO)).json()
    why = {"rule": "dnc_system", "why": "it is on the do-not-call list", "source": "47 CFR 64.1200"}
    world.calls.verdicts[call["id"]] = verdict_of(call["id"], allowed=False, **why)
    told = (await admin.get(f"{URL}/{call['id']}/rules")).json()
    assert (told["allowed"], told["rules"]) == (False, [why | {"outcome": "refused"}])


async def test_a_call_that_nobody_judged(admin: httpx.AsyncClient) -> None:
    call = (await admin.post(URL, json=AUTO)).json()
    told = (await admin.get(f"{URL}/{call['id']}/rules")).json()
    assert told == {"call_id": call["id"], "allowed": None, "at": None, "purpose": "", "rules": []}


def verdict_of(call_id: str, **more: Any) -> Verdict:
    at = datetime(2026, 11, 24, 14, 3, 7, tzinfo=UTC)
    return Verdict(call_id=call_id, at=at, e164="+17275550100", campaign="TESTCAMP", **more)


@pytest.mark.parametrize(
    ("body", "status", "error_id"),
    [
        ({"number": "7275550100"}, 400, "invalid-input"),
        ({"agent": "1000"}, 400, "invalid-input"),
        ({**MANUAL, "number": "+17275550100", "phone_code": "1"}, 400, "invalid-input"),
        ({**MANUAL, "number": "727 555 0100"}, 400, "invalid-input"),
        ({**MANUAL, "number": "7275550100&SIP/911"}, 400, "invalid-input"),
        ({**MANUAL, "number": "7275550100\n"}, 400, "invalid-input"),
        ({**MANUAL, "number": "\u0661\u0662\u0663\u0664"}, 400, "invalid-input"),
        ({**MANUAL, "number": 7275550100}, 400, "invalid-input"),
        ({**MANUAL, "lead_id": -1}, 400, "invalid-input"),
        ({**MANUAL, "lead_id": 2**80}, 400, "invalid-input"),
        ({**MANUAL, "vendor_id": "a\r\nb"}, 400, "invalid-input"),
        ({**MANUAL, "vendor_id": "x" * 101}, 400, "invalid-input"),
        ({**MANUAL, "caller_id": "1"}, 400, "invalid-input"),
        ({"agent": "1000", "lead_id": 99999}, 404, "no-such-lead"),
        ({**MANUAL, "agent": "nobody"}, 404, "no-such-agent"),
        ({**MANUAL, "agent": "1002"}, 409, "agent-not-logged-in"),
        ({**MANUAL, "agent": "1001"}, 403, "forbidden"),
        ({**AUTO, "campaign": "NOPE"}, 404, "no-such-campaign"),
        ({**MANUAL, "number": FORBIDDEN_NUMBER}, 422, "dial-refused"),
    ],
)
async def test_what_cannot_be_dialled(
    admin: httpx.AsyncClient, world: World, body: object, status: int, error_id: str
) -> None:
    reply = await admin.post(URL, json=body)
    assert (reply.status_code, reply.json()["error_id"]) == (status, error_id)
    assert reply.headers["content-type"] == "application/problem+json"
    assert world.record.commands == []


async def test_a_refusal_names_its_rule(admin: httpx.AsyncClient) -> None:
    problem = (await admin.post(URL, json={**AUTO, "number": FORBIDDEN_NUMBER})).json()
    assert problem["details"]["rule"] == "dnc"


@pytest.mark.parametrize("call_id", ["nope", "a%0Ab", "x" * 41, "%00", "..%2f..%2fetc"])
async def test_a_call_that_is_not_there(admin: httpx.AsyncClient, world: World, call_id: str) -> None:
    for method, path in (
        ("GET", ""),
        ("POST", "/hangup"),
        ("GET", "/timeline"),
        ("GET", "/deliveries"),
        ("GET", "/rules"),
    ):
        reply = await admin.request(method, f"{URL}/{call_id}{path}")
        assert reply.status_code in (400, 404), path
        assert reply.headers["content-type"] == "application/problem+json"
    assert world.record.commands == []


async def test_calls_of_campaigns_that_the_group_does_not_see_are_not_there(world: World) -> None:
    call = await world.calls.dial(DialRequest(number="7275550100", campaign="TESTCAMP"))
    world.record.commands.clear()
    async with client(world, auth=basic("7001", "test7001")) as limited:
        assert (await limited.get(URL)).json() == []
        assert (await limited.get(f"{URL}/{call.id}")).status_code == 404
        assert (await limited.get(f"{URL}/{call.id}/rules")).status_code == 404
        assert (await limited.post(f"{URL}/{call.id}/hangup")).status_code == 404
        assert (await limited.post(URL, json=AUTO)).status_code == 403
        assert (await limited.post(URL, json=MANUAL)).status_code == 403
    assert world.record.commands == []


async def test_the_same_key_and_body_dial_once(admin: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": "wish-1"}
    first = await admin.post(URL, json=AUTO, headers=headers)
    again = await admin.post(URL, json=AUTO, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert len(world.record.commands) == 1


async def test_the_same_key_with_another_body_is_refused(admin: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": '"wish-1"'}
    await admin.post(URL, json=AUTO, headers=headers)
    reply = await admin.post(URL, json={**AUTO, "number": "7275550101"}, headers=headers)
    assert (reply.status_code, reply.json()["error_id"]) == (422, "idempotency-key-reused")
    assert len(world.record.commands) == 1


async def test_a_refusal_is_kept_too(admin: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "wish-1"}
    first = await admin.post(URL, json={**AUTO, "number": FORBIDDEN_NUMBER}, headers=headers)
    again = await admin.post(URL, json={**AUTO, "number": FORBIDDEN_NUMBER}, headers=headers)
    assert (first.status_code, again.status_code, again.content) == (422, 422, first.content)
    assert again.headers["content-type"] == "application/problem+json"


async def test_a_request_that_still_runs_is_a_conflict(admin: httpx.AsyncClient, world: World) -> None:
    await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    (kept,) = world.idempotency.kept.values()
    running = msgspec.structs.replace(kept[1], outcome="running", call_id="not-there-yet")
    world.idempotency.kept["6666", "k"] = (kept[0], running)
    reply = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    assert (reply.status_code, reply.json()["error_id"]) == (409, "idempotency-key-in-use")
    assert len(world.record.commands) == 1


async def test_after_a_crash_the_key_finds_the_call(admin: httpx.AsyncClient, world: World) -> None:
    first = (await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})).json()
    fingerprint, done = world.idempotency.kept["6666", "k"]
    lost = msgspec.structs.replace(done, outcome="running", status=0, body=b"")
    world.idempotency.kept["6666", "k"] = (fingerprint, lost)
    again = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["id"]) == (201, first["id"])
    assert len(world.record.commands) == 1


@pytest.mark.parametrize("failure", ["asterisk", "store"])
async def test_when_nothing_was_done_the_key_is_given_back(
    admin: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    async def full(*_: object) -> None:
        raise StoreFull

    with monkeypatch.context() as broken:
        if failure == "store":
            broken.setattr(world.calls, "dial", full)
        world.record.asterisk_up = failure != "asterisk"
        reply = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
        assert reply.status_code == 503
    world.record.asterisk_up = True
    again = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    assert again.status_code == 201


LIMITED = [
    (TooManyCalls("it has", rule="user_calls_at_once"), 429, "too-many-calls"),
    (TooManyCalls("it has", rule="user_calls_per_hour"), 429, "too-many-calls"),
    (DestinationNotAllowed("it may not", rule="user_country"), 403, "destination-not-allowed"),
    (UserShutOut("it was stopped", rule="user_stopped"), 403, "user-shut-out"),
]


@pytest.mark.parametrize(("error", "status", "error_id"), LIMITED)
async def test_limits_of_who_asks_have_problems_of_their_own(
    admin: httpx.AsyncClient,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    error: UserLimited,
    status: int,
    error_id: str,
) -> None:
    async def limited(*_: object) -> None:
        raise error

    with monkeypatch.context() as now:
        now.setattr(world.calls, "dial", limited)
        reply = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    problem = reply.json()
    assert (reply.status_code, problem["error_id"]) == (status, error_id)
    assert (problem["detail"], problem["details"]["rule"]) == (str(error), error.rule)
    again = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    assert again.status_code == (201 if status == 429 else status), "what may pass later is not kept"


async def test_when_the_call_may_exist_the_key_is_not_given_back(
    admin: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(request: DialRequest) -> None:
        world.calls.place("dial", request, CallKind.AUTO, "TESTCAMP", "")
        raise OriginateUnknown

    monkeypatch.setattr(world.calls, "dial", lost)
    first = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    assert (first.status_code, first.json()["error_id"]) == (504, "originate-unknown")
    again = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    assert again.status_code == 201
    assert len(world.record.commands) == 1


@pytest.mark.parametrize("reason", sorted(NEVER_SENT))
async def test_when_asterisk_was_never_asked_the_key_is_given_back(
    admin: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """The call is on record, and over; a repetition dials."""

    async def not_sent(request: DialRequest) -> None:
        call = world.calls.place("dial", request, CallKind.AUTO, "TESTCAMP", "")
        world.calls._change(call, state=CallState.DISPOSED, end_reason=reason)
        raise AsteriskUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(world.calls, "dial", not_sent)
        assert (await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})).status_code == 503
    again = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    assert again.status_code == 201
    assert again.json()["state"] != "disposed"


async def test_an_answer_that_cannot_be_kept_is_given_all_the_same(
    admin: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreFull

    with monkeypatch.context() as broken:
        broken.setattr(world.idempotency, "settle", full)
        reply = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    assert reply.status_code == 201, "it was dialled"


async def test_a_refusal_that_a_crash_kept_from_being_told_is_told_to_the_repetition(
    admin: httpx.AsyncClient, world: World
) -> None:
    await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    fingerprint, done = world.idempotency.kept["6666", "k"]
    call = await world.calls.get(done.call_id)
    assert call is not None
    world.calls._change(call, state=CallState.DISPOSED, end_reason=REFUSED)
    why = b'{"call_id":"c","number":"911","rule":"emergency","why":"911 is an emergency service"}'
    subject = f"calls/{call.id}"
    told = EventRecord(7, "e1", "call.refused", subject, datetime.now(UTC), msgspec.Raw(why))
    world.calls.events.append(told)
    lost = msgspec.structs.replace(done, outcome="running", status=0, body=b"")
    world.idempotency.kept["6666", "k"] = (fingerprint, lost)
    again = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    problem = again.json()
    assert (again.status_code, problem["error_id"]) == (422, "dial-refused")
    assert (problem["detail"], problem["details"]["rule"]) == ("911 is an emergency service", "emergency")


@pytest.mark.parametrize("state", ["running", "new"])
async def test_a_key_whose_call_was_never_sent_dials_anew_though_a_crash_kept_it(
    admin: httpx.AsyncClient, world: World, state: str
) -> None:
    first = (await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})).json()
    call = await world.calls.get(first["id"])
    assert call is not None
    world.calls._change(call, state=CallState.DISPOSED, end_reason="not_connected")
    fingerprint, done = world.idempotency.kept["6666", "k"]
    world.idempotency.kept["6666", "k"] = (fingerprint, msgspec.structs.replace(done, outcome=state))
    again = await admin.post(URL, json=AUTO, headers={"Idempotency-Key": "k"})
    assert again.status_code == 201
    assert (again.json()["state"], again.json()["id"] == first["id"]) == ("dialing", False)


async def test_a_dial_that_asterisk_refuses_is_no_outage(
    admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    async def refused(*_: object) -> None:
        raise OriginateRefused("Asterisk would not place the call: Extension does not exist.")

    monkeypatch.setattr(world.calls, "dial", refused)
    reply = await admin.post(URL, json=AUTO)
    assert (reply.status_code, reply.json()["error_id"]) == (502, "originate-refused")
    assert "ready" not in reply.json()["mend"]


@pytest.mark.parametrize("key", ["", " ", "x" * 300, "ä".encode(), "a b"])
async def test_a_key_that_is_none(admin: httpx.AsyncClient, world: World, key: str | bytes) -> None:
    value = key.encode() if isinstance(key, str) else key
    reply = await admin.post(URL, json=AUTO, headers=[(b"Idempotency-Key", value)])
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
    assert world.record.commands == []


async def test_keys_of_different_callers_never_meet(admin: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": "k"}
    await admin.post(URL, json=AUTO, headers=headers)
    async with client(world, auth=basic("7008", "test7008")) as other:
        await other.post(URL, json=AUTO, headers=headers)
    assert len(world.record.commands) == 2
