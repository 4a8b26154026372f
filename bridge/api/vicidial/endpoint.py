"""`/agc/api.php`: read the request, go through the checks in the format's order, print the reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import structlog
from litestar import HttpMethod, Request, route
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

from bridge.access.errors import Forbidden, TooManyLogins
from bridge.api.guard import OWN_LOGIN, bearer
from bridge.api.recording_links import base_of
from bridge.api.vicidial.call import FunctionCall, not_logged_in
from bridge.api.vicidial.login import login
from bridge.api.vicidial.page import POLICY, head, policy, tail
from bridge.api.vicidial.parameters import Parameters, parse_fields
from bridge.api.vicidial.registry import FUNCTIONS
from bridge.api.vicidial.reply import Answer, error
from bridge.api.vicidial.version import TEAPOTS, teapot, version
from bridge.audit.entry import Entry, here
from bridge.errors import BridgeError, NotAllowed, NotLoggedIn, UserLimited
from bridge.services import Services
from bridge.store.errors import StoreUnavailable
from bridge.tracebacks import plain

log = structlog.get_logger(__name__)

AnyRequest = Request[Any, Any, Any]

MAX_BODY = 2 * 1024 * 1024
"""Largest form that is read, in bytes; far above what any function takes."""
AT_ONCE = 64 * 1024
"""Bytes of a form that is read where it arrives; a larger one, whoever has sent it, holds up nobody else."""
_HEADERS = (
    (b"cache-control", b"no-cache, must-revalidate"),
    (b"pragma", b"no-cache"),
    (b"cache-control", b"no-store"),  # beside the original's own
    (b"content-type", b"text/html; charset=utf-8"),
)
_NO_HEADERS: Mapping[str, str] = MappingProxyType(POLICY)


@route(
    "/agc/api.php",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    name="agent_api",
    opt={"right": OWN_LOGIN},
    include_in_schema=False,
    request_max_body_size=MAX_BODY,
)
async def agent_api(request: AnyRequest) -> ASGIApp:
    """Answer one request in the line format."""
    services: Services = request.app.state.services
    try:
        parameters = await _parameters(request)
        address = request.client.host if request.client else ""
        key = bearer(request.headers.get("authorization", ""))
        text, headers = await answer(
            services, parameters, address, lambda: base_of(request, services), key=key
        )
    except Answer as found:
        _judge(found.text)
        return _response(found.text, found.status)
    except TooManyLogins:
        here().refuse("too-many-logins")
        return _response(
            error("login failed, too many secrets are being checked: try again in a moment"), 200
        )
    except StoreUnavailable as gone:
        here().fail("storage-unavailable")
        log.warning("agent API without a data store", error=str(gone))
        return _response(error("data store is not available"), 200)
    except Exception as failed:  # noqa: BLE001  callers read lines, whatever happens
        here().fail("internal-error")
        log.error("agent API request failed", traceback=plain(failed))  # noqa: TRY400  see `plain`
        return _response(error("internal error, nothing more is known to have been done"), 200)
    return _response(text, 200, headers)


async def answer(
    services: Services, parameters: Parameters, address: str, base_url: Callable[[], str], *, key: str = ""
) -> tuple[str, Mapping[str, str]]:
    """The body of a reply with status 200, and its own headers.

    Raises:
        Answer: a check ended the request, or the status is another one.
    """
    now = datetime.now(UTC).astimezone(services.options.timezone)
    function = parameters["function"]
    _name(here(), parameters)
    if function == "version":
        return version(now), {}
    if function in TEAPOTS:
        raise Answer(teapot(function), status=418)
    principal = await login(services, parameters, address, key)
    if services.access.may_call(principal, function):
        here().right = function
    before = head(parameters)
    if function not in FUNCTIONS:
        return before + tail(parameters), {}
    call = FunctionCall(
        services=services,
        parameters=parameters,
        principal=principal,
        function=function,
        epoch=int(now.timestamp()),
        base_url=base_url,
    )
    return before + await _run(call), {**call.headers, **policy(parameters)}


async def _run(call: FunctionCall) -> str:
    try:
        reply = await FUNCTIONS[call.function](call)
    except Answer as found:
        reply, ends_page = found.text, found.ends_page
    except NotLoggedIn as gone:
        reply, ends_page = not_logged_in(gone.details.get("agent", call["agent_user"])), False
    except UserLimited as limited:
        here().refuse(limited.rule)
        fields = (call["value"], call.principal.user, limited.rule)
        reply, ends_page = error(f"auth USER IS NOT ALLOWED THIS CALL, {limited}", *fields), True
    except (BridgeError, Forbidden) as failed:
        reply, ends_page = _failed(call, failed), True
    else:
        ends_page = False
    _judge(reply)
    return "".join(call.told) + reply + ("" if ends_page else tail(call.parameters))


def _name(entry: Entry, parameters: Parameters) -> None:
    """What is asked for and on what, for the audit trail."""
    function = parameters["function"]
    known = function in FUNCTIONS or function in TEAPOTS or function == "version"
    entry.function = function if known else "unknown"
    entry.on_agent(parameters["agent_user"])
    entry.on_lead(parameters["lead_id"])
    entry.on_number(parameters["phone_number"])


def _judge(reply: str) -> None:
    """What a line says of how a request ended; its fields, which may be anything, are left out."""
    first = reply.partition(" - ")[0].rstrip()
    if first.startswith("ERROR: "):
        here().fail(first.removeprefix("ERROR: "))


def _failed(call: FunctionCall, why: BridgeError | Forbidden) -> str:
    """The line for what the format has no line for."""
    if isinstance(why, Forbidden):
        here().refuse(why.rule)
    elif isinstance(why, NotAllowed):
        here().refuse(why.details.get("rule") or why.error_id)
    else:
        here().fail(why.error_id)
    log.warning(
        "agent API function failed",
        function=call.function,
        user=call.principal.user,
        error=type(why).__name__,
        reason=here().reason,
    )
    return error(f"{call.function} failed, {str(why).rstrip('.')}", call["value"], call["agent_user"])


async def _parameters(request: AnyRequest) -> Parameters:
    """GET wins over POST for each variable; a body of another kind than a form is not looked at."""
    query = parse_fields(request.scope["query_string"])
    return Parameters(query, await _form(request) if request.method == HttpMethod.POST else ())


async def _form(request: AnyRequest) -> list[tuple[str, str]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            body = await request.body()
            return parse_fields(body) if len(body) <= AT_ONCE else await asyncio.to_thread(parse_fields, body)
        if kind == "multipart/form-data":
            fields = (await request.form()).multi_items()
            return [(name, value) for name, value in fields if isinstance(value, str)]
    except HTTPException as refused:
        raise Answer(error("request body cannot be read", refused.detail)) from None
    except (UnicodeError, LookupError):  # a multipart form in another character set, or in none that there is
        raise Answer(error("request body cannot be read", "its text is not UTF-8")) from None
    return []


def _response(text: str, status: int, own: Mapping[str, str] = _NO_HEADERS) -> ASGIApp:
    """Straight to the server: making a response of the framework's takes longer than sending it."""
    body = text.encode()
    headers = [*_HEADERS, (b"content-length", b"%d" % len(body))]
    headers += [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in own.items()]
    start: HTTPResponseStartEvent = {"type": "http.response.start", "status": status, "headers": headers}
    rest: HTTPResponseBodyEvent = {"type": "http.response.body", "body": body, "more_body": False}

    async def respond(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start)
        await send(rest)

    return respond
