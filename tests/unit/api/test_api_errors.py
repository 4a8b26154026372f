"""Every error becomes a problem that a program and a person can use."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from api_fakes import World
from litestar.exceptions import NotFoundException, ValidationException

from bridge import errors as bridge_errors
from bridge.access.errors import (
    Forbidden,
    InvalidUser,
    NoSuchUser,
    Rule,
    TooManyLogins,
    UserExists,
    UserInUse,
)
from bridge.agents.errors import Reason as AgentReason
from bridge.agents.errors import Refused as AgentRefused
from bridge.api.errors import describe, respond
from bridge.calls.errors import Reason as CallReason
from bridge.calls.errors import Refused as CallRefused
from bridge.campaigns.errors import InvalidField, ItemExists, ItemInUse, NoSuchItem
from bridge.errors import BridgeError, DialRefused, InvalidInput, NotPaused
from bridge.store.errors import StoreConflict, StoreFull, StoreInDoubt, StoreRefused
from bridge.tracebacks import plain


@pytest.mark.parametrize(
    ("error", "status", "error_id"),
    [
        (NotPaused(agent="1000"), 409, "agent-not-paused"),
        (DialRefused(rule="dnc"), 422, "dial-refused"),
        (Forbidden(Rule.LEVEL, user="1", function="x", needs="8"), 403, "forbidden"),
        (NoSuchItem("phone", "1"), 404, "not-found"),
        (NoSuchUser("x"), 404, "not-found"),
        (ItemExists("phone", "1"), 409, "exists"),
        (UserExists("x"), 409, "exists"),
        (ItemInUse("trunk", "t", "campaign A"), 409, "in-use"),
        (UserInUse("1000"), 409, "in-use"),
        (TooManyLogins(), 503, "too-many-logins"),
        (InvalidField("login", "no"), 400, "invalid-input"),
        (InvalidUser("level", "no"), 400, "invalid-input"),
        (AgentRefused(AgentReason.BUSY, "dial", "incall"), 409, "invalid-state"),
        (CallRefused(CallReason.OVER, "hangup", "ended"), 409, "invalid-state"),
        (StoreFull(), 503, "storage-unavailable"),
        (StoreInDoubt(), 504, "storage-in-doubt"),
        (StoreConflict("calls", frozenset({"id"}), ""), 409, "conflict"),
        (StoreRefused(), 400, "invalid-input"),
        (NotFoundException(), 404, "not-found"),
        (ValidationException(extra=[{"message": "too long", "key": "phone"}]), 400, "invalid-input"),
        (RecursionError(), 400, "bad-request"),
        (ZeroDivisionError(), 500, "internal-error"),
    ],
)
def test_what_each_error_is(error: Exception, status: int, error_id: str) -> None:
    problem = describe(error)
    assert (problem.status, problem.error_id) == (status, error_id)
    assert problem.type == f"urn:agent-bridge:error:{error_id}"
    assert problem.title
    assert problem.detail


def _kinds(base: type[BridgeError]) -> list[type[BridgeError]]:
    return [base, *(kind for child in base.__subclasses__() for kind in _kinds(child))]


def test_error_ids_are_unique_and_messages_say_something() -> None:
    kinds = _kinds(bridge_errors.BridgeError)
    assert len({kind.error_id for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert (kind.__doc__ or "").endswith("."), kind
        assert 400 <= kind.status < 600


def test_a_message_of_ones_own_keeps_the_details() -> None:
    problem = describe(InvalidInput("number or lead_id is needed", field="number"))
    assert (problem.detail, problem.field) == ("number or lead_id is needed", "number")
    assert describe(Forbidden(Rule.LEVEL, user="1", function="x", needs="8")).details == {
        "rule": "level",
        "needs": "8",
    }


def test_empty_fields_are_left_out() -> None:
    sent: dict[str, Any] = json.loads(respond(describe(ItemInUse("trunk", "t", "campaign A"))).content)
    assert set(sent) == {"type", "title", "status", "detail", "error_id"}


def test_a_traceback_shows_no_values() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        _fail(f"hunter{2}")
    assert "ZeroDivisionError" in plain(caught.value)
    assert "hunter2" not in plain(caught.value)


def _fail(secret: str) -> float:
    return len(secret) / 0


async def test_who_comes_in_a_flood_of_logins_is_told_when_to_come_again(
    admin: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def flooded(*_: object) -> None:
        raise TooManyLogins

    monkeypatch.setattr(world.access, "authenticate", flooded)
    reply = await admin.get("/v1/agents")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
    line = {"source": "test", "user": "6666", "pass": "1234", "function": "external_pause"}
    told = (await admin.get("/agc/api.php", params=line)).text
    assert told == "ERROR: login failed, too many secrets are being checked: try again in a moment\n"


async def test_a_fault_of_ours_tells_the_caller_nothing_of_it(
    admin: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise ZeroDivisionError("the secret is hunter2")

    monkeypatch.setattr(world.agents, "sessions", broken)
    reply = await admin.get("/v1/agents")
    assert (reply.status_code, reply.json()["error_id"]) == (500, "internal-error")
    assert "hunter2" not in reply.text
