"""How requests in the line format come in, and how replies to them go out; the same for both of its APIs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import structlog
from litestar import HttpMethod, Request
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

from bridge.access.errors import TooManyLogins
from bridge.api.vicidial.carry_out import judge
from bridge.api.vicidial.page import POLICY
from bridge.api.vicidial.parameters import Filter, Parameters, parse_fields
from bridge.api.vicidial.reply import Answer, error
from bridge.audit.entry import here
from bridge.store.errors import StoreUnavailable
from bridge.tracebacks import plain

log = structlog.get_logger(__name__)

AnyRequest = Request[Any, Any, Any]


class Reply(NamedTuple):
    """A reply with status 200."""

    text: str
    """Its body, or where that begins."""
    headers: Mapping[str, str]
    """Its own, beside those that all have, or in their place."""
    rest: AsyncIterator[str] | None = None
    """How the body goes on: what is too long to be held."""


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


async def answered(
    request: AnyRequest, filters: Mapping[str, Filter], work: Callable[[Parameters], Awaitable[Reply]]
) -> ASGIApp:
    """The response to a request, whatever happens.

    Args:
        request: the request.
        filters: the parameters that the API knows, and which characters of each are kept.
        work: gives the reply, or raises `Answer`.
    """
    try:
        reply = await work(await _parameters(request, filters))
    except Answer as found:
        judge(found.text)
        return _response(found.text, found.status)
    except TooManyLogins:
        here().refuse("too-many-logins")
        return _response(
            error("login failed, too many secrets are being checked: try again in a moment"), 200
        )
    except StoreUnavailable as gone:
        here().fail("storage-unavailable")
        log.warning("a request in the line format without a data store", error=str(gone))
        return _response(error("data store is not available"), 200)
    except Exception as failed:  # noqa: BLE001  callers read lines, whatever happens
        here().fail("internal-error")
        log.error("a request in the line format failed", traceback=plain(failed))  # noqa: TRY400  see `plain`
        return _response(error("internal error, nothing more is known to have been done"), 200)
    if reply.rest is not None:
        return _stream(reply.text, reply.rest, reply.headers)
    return _response(reply.text, 200, reply.headers)


async def _parameters(request: AnyRequest, filters: Mapping[str, Filter]) -> Parameters:
    """GET wins over POST for each variable; a body of another kind than a form is not looked at."""
    query = parse_fields(request.scope["query_string"])
    form = await _form(request) if request.method == HttpMethod.POST else ()
    return Parameters(query, form, filters)


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
    headers = [*_headers(own), (b"content-length", b"%d" % len(body))]
    start: HTTPResponseStartEvent = {"type": "http.response.start", "status": status, "headers": headers}
    rest: HTTPResponseBodyEvent = {"type": "http.response.body", "body": body, "more_body": False}

    async def respond(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start)
        await send(rest)

    return respond


def _stream(first: str, rest: AsyncIterator[str], own: Mapping[str, str]) -> ASGIApp:
    """Piece by piece, each made when the one before is taken; what breaks off has no proper end."""
    start: HTTPResponseStartEvent = {"type": "http.response.start", "status": 200, "headers": _headers(own)}

    async def respond(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start)
        await send({"type": "http.response.body", "body": first.encode(), "more_body": True})
        try:
            async for piece in rest:
                await send({"type": "http.response.body", "body": piece.encode(), "more_body": True})
        except StoreUnavailable as gone:
            here().fail("storage-unavailable")
            log.warning("a reply in the line format broke off without a data store", error=str(gone))
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return respond


def _headers(own: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Those that all replies have, but for a content type of its own, and a reply's own."""
    told = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in own.items()]
    named = {name for name, _ in told}
    return [
        *((name, value) for name, value in _HEADERS if name != b"content-type" or name not in named),
        *told,
    ]
