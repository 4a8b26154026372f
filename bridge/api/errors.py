"""Whatever goes wrong under `/v1`, as problem JSON (RFC 9457)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from bridge.access.errors import (
    AccessError,
    Forbidden,
    InvalidUser,
    NoSuchKey,
    NoSuchUser,
    TooManyKeys,
    TooManyLogins,
    TooManyRequests,
    UserExists,
    UserInUse,
)
from bridge.agents.errors import Refused as AgentRefused
from bridge.api.console import CHALLENGE, NotInConsole
from bridge.audit.entry import here
from bridge.calls.errors import Refused as CallRefused
from bridge.campaigns.errors import InvalidField, ItemExists, ItemInUse, NoSuchItem, SiteError
from bridge.errors import BridgeError, InvalidInput, RecordingNotReady
from bridge.store.errors import StoreConflict, StoreInDoubt, StoreRefused, StoreUnavailable
from bridge.tracebacks import plain

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
AnyRequest = Request[Any, Any, Any]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error, for a program (`error_id`, `field`) and for a person (`detail`, `mend`)."""

    type: str
    """`urn:agent-bridge:error:{error_id}`."""
    title: str
    status: int
    detail: str = ""
    error_id: str
    """Stable name; what a program should test."""
    field: str = ""
    """The field, parameter or header that is wrong."""
    mend: str = ""
    """What the caller can do about it."""
    details: Mapping[str, str] = {}
    """Values that belong to the error: the rule, the state, the name that was not found."""


def problem(  # noqa: PLR0913  the fields of a problem
    status: int,
    error_id: str,
    detail: str = "",
    *,
    field: str = "",
    mend: str = "",
    details: Mapping[str, str] | None = None,
) -> Problem:
    """A problem; its title is the status's own phrase."""
    return Problem(
        type=f"urn:agent-bridge:error:{error_id}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        error_id=error_id,
        field=field,
        mend=mend,
        details=details or {},
    )


def describe(error: Exception) -> Problem:
    """The problem that an error is; of one that is not known only that it is our fault."""
    for kinds, tell in _TELLERS:
        if isinstance(error, kinds):
            return tell(error)
    return problem(500, "internal-error", "the log of the bridge says more")


def respond(found: Problem, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """The response that carries a problem; the audit trail has its rule, else its id."""
    here().fail(found.details.get("rule") or found.error_id)
    body = msgspec.json.encode(found)
    return Response(body, status_code=found.status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def handle(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Turn any error of a handler into its response."""
    found = describe(error)
    if found.status == 500:
        route = str(request.scope.get("path_template", ""))  # not its path, which may hold anything
        log.error("request failed", method=request.method, route=route, traceback=plain(error))
    return respond(found, _headers(error))


def _headers(error: Exception) -> Mapping[str, str]:
    if isinstance(error, TooManyLogins):
        return {"Retry-After": "1"}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(math.ceil(error.seconds))}
    if isinstance(error, NotInConsole):
        return CHALLENGE
    if isinstance(error, RecordingNotReady):
        return {"Retry-After": "2"}
    return (error.headers or {}) if isinstance(error, HTTPException) else {}


def _of_bridge(error: BridgeError) -> Problem:
    return problem(
        error.status,
        error.error_id,
        error.message,
        field=error.field if isinstance(error, InvalidInput) else "",
        mend=error.mend,
        details=error.details,
    )


def _of_forbidden(error: Forbidden) -> Problem:
    details = {"rule": str(error.rule), "needs": error.needs}
    return problem(
        403, "forbidden", str(error), details={key: value for key, value in details.items() if value}
    )


def _of_field(error: InvalidField | InvalidUser) -> Problem:
    return problem(400, "invalid-input", error.why, field=error.field)


def _of_refused(error: AgentRefused | CallRefused) -> Problem:
    details = {"state": str(error.state), "reason": str(error.reason)}
    return problem(409, "invalid-state", str(error), details=details)


def _of_store(error: StoreUnavailable) -> Problem:
    mend = "Try again when GET /ready answers 200."
    return problem(503, "storage-unavailable", f"nothing was done ({type(error).__name__})", mend=mend)


def _of_http(error: HTTPException) -> Problem:
    if isinstance(error, ValidationException):
        return _of_validation(error)
    name = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-").replace("'", "")
    return problem(error.status_code, name, error.detail)


def _of_validation(error: ValidationException) -> Problem:
    """Litestar lists what is wrong as `{message, key, source}`; the first of it is told."""
    extra: Any = error.extra
    first = extra[0] if isinstance(extra, list) and extra else {}
    message, key = str(first.get("message", error.detail)), str(first.get("key", ""))
    if message == "'data'":  # so Litestar says that the handler's `data` is not there
        return problem(400, "invalid-input", "a body is needed")
    return problem(400, "invalid-input", message, field=key)


def _plainly(status: int, error_id: str, mend: str = "") -> Callable[[Any], Problem]:
    return lambda error: problem(status, error_id, str(error), mend=mend)


_TELLERS: tuple[tuple[tuple[type[Exception], ...], Callable[[Any], Problem]], ...] = (
    ((BridgeError,), _of_bridge),
    ((Forbidden,), _of_forbidden),
    ((TooManyRequests,), _plainly(429, "too-many-requests", "Wait for `Retry-After` seconds.")),
    ((TooManyLogins,), _plainly(503, "too-many-logins", "Try again in a moment.")),
    ((NoSuchItem, NoSuchUser, NoSuchKey), _plainly(404, "not-found")),
    ((TooManyKeys,), _plainly(409, "too-many-keys")),
    ((ItemExists, UserExists), _plainly(409, "exists", "Use PUT to change it.")),
    ((ItemInUse, UserInUse), _plainly(409, "in-use")),
    ((InvalidField, InvalidUser), _of_field),
    ((AgentRefused, CallRefused), _of_refused),
    ((StoreUnavailable,), _of_store),
    ((StoreInDoubt,), _plainly(504, "storage-in-doubt", "Read it back before you try again.")),
    ((StoreConflict,), _plainly(409, "conflict")),
    ((StoreRefused, SiteError, AccessError), _plainly(400, "invalid-input")),
    ((HTTPException,), _of_http),
    ((RecursionError,), lambda _: problem(400, "bad-request", "the body is nested too deeply")),
)
"""Which errors are told how; the first that fits."""
