"""Faults of our own, whose messages quote what a caller has sent: neither log nor answer repeats them."""

from __future__ import annotations

import base64
import io
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from api_fakes import World, client
from api_fakes.http import app_of
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.exc import StatementError

from bridge.api.guard import NO_RIGHTS
from bridge.api.rest.docs import complete
from bridge.api.rest.examples import EXAMPLES
from bridge.api.vicidial.registry import FUNCTIONS
from bridge.logs import configure
from bridge.services import Services
from bridge.settings import LogSettings
from bridge.store.errors import StoreInDoubt, StoreRefused, StoreUnavailable

MARK = "Q7zMARKs9xK2"
SECRET = f"{MARK}+{MARK}"
WORLDS_OWN = ("access", "audit", "options")


def faults() -> Iterator[Exception]:
    """What may go wrong below, in words that quote the request."""
    yield RuntimeError(SECRET)
    yield KeyError(SECRET)
    yield UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET)
    yield StatementError(SECRET, f"SELECT '{SECRET}'", {"pass": SECRET}, ValueError(SECRET))
    yield ExceptionGroup(SECRET, [ValueError(SECRET)])
    yield StoreUnavailable()
    yield StoreInDoubt()
    yield StoreRefused()
    chained = RuntimeError(SECRET)
    chained.__cause__ = LookupError(SECRET)
    yield chained


class Broken:
    """A part that fails at everything, by this fault."""

    def __init__(self, fault: Exception) -> None:
        self.fault = fault

    def __getattr__(self, name: str) -> Any:
        def fail(*_: Any, **__: Any) -> Any:
            raise self.fault.with_traceback(None)

        return fail


def break_all(world: World, fault: Exception, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The application over parts that fail, but for who asks and what is written down of it."""
    app = app_of(world)
    parts = {name: getattr(app.state.services, name) for name in Services.__dataclass_fields__}
    broken: dict[str, Any] = {
        name: part if name in WORLDS_OWN else Broken(fault) for name, part in parts.items()
    }
    app.state.services = Services(**broken)
    monkeypatch.setitem(world.access.secrets, "6666", SECRET)
    return app


def around(log: str) -> list[str]:
    """Where the secret stands in the log: what is around it."""
    return [log[max(0, found.start() - 80) : found.end() + 20] for found in re.finditer(MARK, log)]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """All that is written to standard error, at the most talkative level."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure(LogSettings(level="debug", format="json"))
    for client_of_the_tests in ("httpx", "httpcore"):
        logging.getLogger(client_of_the_tests).setLevel("WARNING")
    return stream


def examples(world: World) -> Iterator[tuple[str, str, bytes]]:
    """Each route under `/v1` with a body that it takes."""
    schema = complete(app_of(world).openapi_schema.to_schema())
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            name = str(body.get("schema", {}).get("$ref", "")).rpartition("/")[2]
            yield path, method.upper(), msgspec.json.encode(EXAMPLES.get(name, {}))


@pytest.mark.parametrize("fault", list(faults()), ids=lambda fault: type(fault).__name__)
async def test_each_route_with_each_fault(
    world: World, monkeypatch: pytest.MonkeyPatch, log: io.StringIO, fault: Exception
) -> None:
    failed = 0
    async with client(world, auth=("6666", SECRET)) as http:
        asked = list(examples(world))
        break_all(world, fault, monkeypatch)
        for path, method, body in asked:
            if not path.startswith("/v1"):
                continue
            filled = path.replace("{recording_id}", "1").replace("{post_id}", "1")
            for name in ("{user}", "{call_id}", "{key}", "{party}", "{key_id}"):
                filled = filled.replace(name, "1000")
            headers = {"content-type": "application/json", "idempotency-key": SECRET}
            content = b"" if body == b"{}" else body
            reply = await http.request(method, filled, content=content, headers=headers)
            assert MARK not in reply.text + str(reply.headers), (method, path)
            failed += reply.status_code >= 500
    assert failed > 20 or isinstance(fault, StoreRefused)
    told = log.getvalue()
    assert around(told) == []
    assert isinstance(fault, (StoreUnavailable, StoreInDoubt, StoreRefused)) or '"request failed"' in told


@pytest.mark.parametrize("fault", list(faults()), ids=lambda fault: type(fault).__name__)
async def test_each_function_with_each_fault(
    world: World, monkeypatch: pytest.MonkeyPatch, log: io.StringIO, fault: Exception
) -> None:
    login = f"source=test&user=6666&pass={quote(SECRET, safe='')}"
    async with client(world) as http:
        break_all(world, fault, monkeypatch)
        for function in FUNCTIONS:
            asked = f"function={function}&agent_user=1000&value=PAUSE&lead_id=201&phone_code=1&stage=PAUSE"
            reply = await http.get(f"/agc/api.php?{login}&{asked}")
            assert MARK not in reply.text, function
    told = log.getvalue()
    assert around(told) == []
    assert "in the line format" in told


async def test_a_login_that_fails_by_a_fault(
    world: World, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    for fault in faults():
        monkeypatch.setattr(world.access, "authenticate", Broken(fault).authenticate)
        async with client(world) as http:
            basic = base64.b64encode(f"6666:{SECRET}".encode()).decode()
            for reply in (
                await http.get("/v1/agents", headers={"authorization": f"Basic {basic}"}),
                await http.get(f"/agc/api.php?source=test&user=6666&pass={quote(SECRET)}&function=logout"),
            ):
                assert MARK not in reply.text + str(reply.headers)
                assert basic not in reply.text
    told = log.getvalue()
    assert around(told) == []
    assert "Traceback" in told


def test_routes_are_those_of_the_application(world: World) -> None:
    """None is forgotten: what is in the description is what there is, but for forms and the description."""
    described = {(path, method) for path, method, _ in examples(world)}
    served = {
        (route.path_format, method)
        for route in app_of(world).routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and handler.opt.get("right") not in NO_RIGHTS
        for method in handler.http_methods - {"OPTIONS"}
        if route.path_format.startswith("/v1")
    }
    assert served <= described
