"""The login of an agent's page: a cookie that is good for what is her own, and for nothing else.

The cookie is `HttpOnly` and `SameSite=Strict`; over TLS it has the prefix `__Host-`, so that no other host of
the domain can plant one. It is looked at on her own routes alone, never beside another login, and only if the
request comes from a page of ours.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException

from bridge.access.console_model import ConsoleSession
from bridge.access.errors import Forbidden, TooManyRequests
from bridge.access.model import Principal
from bridge.access.tokens import CONSOLE_PREFIX, LONG, is_token
from bridge.audit.entry import here
from bridge.errors import BridgeError

if TYPE_CHECKING:
    from bridge.services import Services

COOKIE: Final = "agent_bridge_console"
HERS: Final = "/v1/agents/{user"
"""Where the paths begin on which an agent's cookie counts."""
CHALLENGE: Final = {"WWW-Authenticate": 'Cookie realm="agent-bridge"'}
"""No browser asks for user and password because of it."""
LEFTOVER: Final = 3600
"""Seconds that a browser keeps a cookie that is over: with it we know the page, and answer it as one."""
_MOST_COOKIES: Final = 8192
"""Characters of a `Cookie` header that is looked into."""
_PAIR: Final = re.compile(r"\s*([^=;\s]+)=([^;]*)")

AnyConnection = ASGIConnection[Any, Any, Any, Any]


class NotInConsole(BridgeError):  # noqa: N818  the name says what happened
    """Nobody is logged in to this page, or no longer."""

    error_id = "login-none"
    status = 401
    mend = "Log in again."


class ConsoleLoginBad(NotInConsole):
    """User or password is wrong."""

    error_id = "login-bad"
    mend = "Ask a supervisor for a new password or a link."


class ConsoleLoginLocked(NotInConsole):
    """Too many wrong passwords from here: the user is locked for this address for a while."""

    error_id = "login-lock"
    mend = "Wait for 15 minutes, or ask a supervisor."


class ConsoleLoginInactive(NotInConsole):
    """The agent is switched off, or her user group is not set up."""

    error_id = "login-inactive"
    mend = "Ask a supervisor."


class TwoLogins(NotInConsole):
    """The browser sends the login of an API user beside the agent's own."""

    error_id = "login-two"
    mend = "Open the console in another window: a private one, or one of another profile."


async def in_console(services: Services, connection: AnyConnection) -> tuple[Principal, ConsoleSession]:
    """The agent whose page sends the request, and her session.

    Raises:
        NotInConsole: nobody is logged in there.
        Forbidden, TooManyRequests: she may not come from this address, or so often.
    """
    token = token_of(connection)
    address = connection.client.host if connection.client else ""
    try:
        found = await services.access.in_console(token, address) if token else None
    except (Forbidden, TooManyRequests) as refused:
        here().known(refused.user)
        raise
    if found is None:
        here().refuse("login-none")
        raise NotInConsole
    agent, session = found
    here().known(agent.user, session.id)
    return agent, session


def check_alone(connection: AnyConnection) -> None:
    """Whether no other login comes with the request (`TwoLogins`): nobody could say whose it is."""
    if "authorization" in connection.headers:
        here().refuse("login-two")
        raise TwoLogins


def check_own_page(connection: AnyConnection) -> None:
    """Whether it comes from a page of ours, or from no page at all; to read counts as much as to change.

    Origins of `[http] cors_origins` are others here: their pages bring keys of their own.
    """
    headers = connection.headers
    options = cast("Services", connection.app.state.services).options
    origin = headers.get("origin")
    foreign = origin is not None and origin not in _ours(headers.get("host", ""), options.public_url)
    if foreign or headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise HTTPException(status_code=403, detail="the request comes from a page of another site")


def has_cookie(connection: AnyConnection) -> bool:
    """Whether the request has a cookie of ours, good or not."""
    return any(f"{COOKIE}=" in header for header in connection.headers.getall("cookie", []))


def token_of(connection: AnyConnection) -> str:
    """The token in the cookie; empty: there is none, or it can be none, or there are several."""
    wanted, found = _name(connection), []
    for header in connection.headers.getall("cookie", []):
        if len(header) > _MOST_COOKIES:
            return ""
        found += [value.strip() for name, value in _PAIR.findall(header) if name == wanted]
    return found[0] if len(found) == 1 and is_token(found[0], CONSOLE_PREFIX, LONG) else ""


def set_cookie(connection: AnyConnection, token: str, until: datetime, now: datetime) -> dict[str, str]:
    """The header that gives the browser its token."""
    seconds = max(0, round((until - now).total_seconds())) + LEFTOVER
    return {"Set-Cookie": _cookie(connection, token, seconds)}


def drop_cookie(connection: AnyConnection) -> dict[str, str]:
    """The header that takes it away."""
    return {"Set-Cookie": _cookie(connection, "", 0)}


def _cookie(connection: AnyConnection, token: str, seconds: int) -> str:
    secure = "; Secure" if _is_secure(connection) else ""
    name = _name(connection)
    return f"{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def _name(connection: AnyConnection) -> str:
    return f"__Host-{COOKIE}" if _is_secure(connection) else COOKIE


def _is_secure(connection: AnyConnection) -> bool:
    options = cast("Services", connection.app.state.services).options
    return connection.scope["scheme"] == "https" or options.public_url.startswith("https://")


def _ours(host: str, public_url: str) -> set[str]:
    """Our own origins; behind a proxy that speaks TLS the request came as http."""
    ours = {f"http://{host}", f"https://{host}"} if host else set()
    public = re.match(r"https?://[^/?#]+", public_url)
    return ours | ({public[0]} if public else set())
