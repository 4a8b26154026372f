"""`/in/<token>`: where web forms post. It answers one line, and the same one whatever becomes of a post.

A token opens its key and nothing else. What is refused in secret (a number that cannot be read, or is on
a do-not-call list, or was there before) is answered as what is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import structlog
from litestar import HttpMethod, MediaType, Request, Response, Router, route
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import PathParameter

from bridge.access.attempts import subscriber
from bridge.api.guard import OWN_LOGIN
from bridge.audit.entry import here
from bridge.intake.errors import NoSuchDoor, OverLimit
from bridge.intake.model import IntakeKey, Post
from bridge.intake.reading import Unreadable
from bridge.services import Services
from bridge.store.errors import StoreInDoubt, StoreUnavailable
from bridge.tracebacks import plain

AnyRequest = Request[Any, Any, Any]

_HEADERS: Final = {
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Resource-Policy": "cross-origin",  # a script's plain post would be told that it failed
    "Vary": "Origin",
}
PREFLIGHT_SECONDS: Final = 600
"""How long a browser need not ask again."""

ROWS: Final = 60
"""Rows in the audit trail, in a minute, of posts that are turned away."""

_log = structlog.get_logger("bridge.intake")


@route(
    "/{token:str}",
    http_method=[HttpMethod.POST, HttpMethod.OPTIONS],
    opt={"right": OWN_LOGIN},
    include_in_schema=False,
    status_code=202,
)
async def intake(
    request: AnyRequest, services: NamedDependency[Services], token: Annotated[str, PathParameter()]
) -> Response[str]:
    """Take a post, or tell a page of another site whether it may send one."""
    here().function = "intake"
    origin = request.headers.get("origin", "")
    if request.method == HttpMethod.OPTIONS:
        return await _preflight(services, token, origin)
    post = Post(
        body=await request.body(),
        content_type=request.headers.get("content-type", ""),
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        origin=origin,
        at=datetime.now(UTC),
    )
    key = await services.intake.take(token, post)
    here().known(f"in:{key.name}")
    headers = _allowed(key, origin)
    if key.next_url:
        return _line(303, "OK", headers | {"Location": key.next_url})
    return _line(202, "OK", headers)


async def _preflight(services: Services, token: str, origin: str) -> Response[str]:
    key = await services.intake.key(token, datetime.now(UTC))
    allowed = _allowed(key, origin)
    if not allowed:
        raise NoSuchDoor
    headers = {
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
    return Response("", status_code=204, media_type=MediaType.TEXT, headers=_HEADERS | allowed | headers)


def _allowed(key: IntakeKey, origin: str) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin} if origin and origin in key.origins else {}


def _line(status: int, text: str, headers: dict[str, str]) -> Response[str]:
    return Response(f"{text}\n", status_code=status, media_type=MediaType.TEXT, headers=_HEADERS | headers)


class _TurnedAway:
    """Answers what is not taken. Of a flood few have a row in the audit trail: it must not fill the disk."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._minute = -1
        self._seen: set[tuple[str, int]] = set()

    def answer(self, request: AnyRequest, error: Exception) -> Response[str]:
        """One line, and no word of what is behind it. The address is in no log: it is the key."""
        found = _failed(request, error)
        if (found.status_code or 500) < 500 and not self._is_first(request, found.status_code or 0):
            here().forgo()
        return found

    def _is_first(self, request: AnyRequest, status: int) -> bool:
        """Whether it is the first of this sender and kind within a minute, and one of the first of all."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._seen = minute, set()
        mark = subscriber(request.client.host if request.client else ""), status
        if mark in self._seen or len(self._seen) >= ROWS:
            return False
        self._seen.add(mark)
        return True


def _failed(request: AnyRequest, error: Exception) -> Response[str]:
    match error:
        case NoSuchDoor():
            here().refuse("no-such-key")
            return _line(404, "NOT FOUND", {})
        case OverLimit(seconds=seconds):
            return _line(429, "TOO MANY", {"Retry-After": str(seconds)})
        case Unreadable():
            return _line(400, "NEITHER A FORM NOR JSON", {})
        case StoreUnavailable() | StoreInDoubt():
            return _line(503, "NOT TAKEN", {"Retry-After": "10"})
        case HTTPException(status_code=413):
            return _line(413, "TOO LARGE", {})
        case HTTPException(status_code=status) if status < 500:
            return _line(status, "BAD REQUEST", {})
    _log.error("a post failed", method=request.method, traceback=plain(error))
    return _line(500, "NOT TAKEN", {})


def intake_router(max_body: int) -> Router:
    """The route, with a site's own limit.

    Args:
        max_body: bytes of one post.
    """
    return Router(
        "/in",
        route_handlers=[intake],
        request_max_body_size=max_body,
        exception_handlers={Exception: _TurnedAway().answer},
    )
