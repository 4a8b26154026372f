"""Who may use a route: the login of HTTP (Basic or a key as Bearer), and the right that the route names.

Every route says in `opt["right"]` what it asks for: an action of `bridge.access.rights`, several of
which one is enough, or `PUBLIC`. A route that says nothing answers nobody.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, cast
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler
from litestar.params import QueryParameter

from bridge.access.errors import Forbidden, Rule, TooManyRequests
from bridge.access.model import Principal, PrincipalKind, Reason
from bridge.access.rights import ACTIONS
from bridge.access.tokens import KEY_PREFIX, is_token
from bridge.agents.model import AgentSession
from bridge.api import console
from bridge.audit.entry import here
from bridge.errors import InvalidInput, NoSuchAgent
from bridge.services import Access, Services

PUBLIC = "public"
"""Anybody may see it: health, the description of the API."""
OWN_LOGIN = "own login"
"""The route checks the caller itself: the line format has user and password among its parameters."""

CONSOLE = "console"
"""For an agent who is logged in to her page, whom it is about."""
CONSOLE_LOGIN = "console login"
"""The login of an agent's page, which checks the caller itself."""
NO_RIGHTS = (PUBLIC, OWN_LOGIN, CONSOLE, CONSOLE_LOGIN)
"""What a route says that asks for no action's right."""

AnyConnection = ASGIConnection[Any, Any, Any, Any]  # of the four types only the handler's is ever known
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="agent-bridge", charset="UTF-8", Bearer realm="agent-bridge"'}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Let the request through, or raise; before its body is read."""
    right = handler.opt.get("right")
    if right in (PUBLIC, OWN_LOGIN) or _method(connection) == "OPTIONS":  # which only tells the methods
        return
    if right is None:
        msg = f"route {connection.scope['path']} names no right"
        raise RuntimeError(msg)
    here().function = handler.opt.get("action") or (right if isinstance(right, str) else right[0])
    _check_origin(connection)
    _check_content_type(connection, handler.opt.get("content", "application/json"))
    services = cast("Services", connection.app.state.services)
    if right in (CONSOLE, CONSOLE_LOGIN):
        await _guard_console(services, connection, right)
        return
    principal = await _who(services, connection)
    herself = principal if connection.path_params.get("user") == principal.user else None
    used(_check_rights(services.access, principal, (right,) if isinstance(right, str) else right, herself))
    connection.scope["user"] = principal


async def _guard_console(services: Services, connection: AnyConnection, right: str) -> None:
    console.check_own_page(connection)
    console.check_alone(connection)
    if right == CONSOLE:
        connection.scope["user"], connection.scope["auth"] = await console.in_console(services, connection)


async def _who(services: Services, connection: AnyConnection) -> Principal:
    """The caller: by an agent's cookie on routes about agents alone, and only without another login."""
    hers = str(cast("dict[str, Any]", connection.scope).get("path_template", "")).startswith(console.HERS)
    if not hers or "authorization" in connection.headers or not console.has_cookie(connection):
        return await _authenticate(services.access, connection)
    console.check_own_page(connection)
    agent, _ = await console.in_console(services, connection)
    return agent


def used(action: str) -> None:
    """This is what the request does, and the caller may: for the audit trail."""
    entry = here()
    entry.function, entry.right = action, ACTIONS[action].function


async def known_query(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Refuse a query parameter that the route does not know: a misspelt filter would show everything.

    One that is given twice and may be given once is refused too: nobody knows which was meant.
    """
    many = {
        field.kwarg_definition.name or name: field.is_non_string_sequence
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    }
    for name in connection.query_params:
        if name not in many:
            raise InvalidInput("this request has no such parameter", field=name[:40])
        if not many[name] and len(connection.query_params.getall(name)) > 1:
            raise InvalidInput("this parameter may be given once", field=name)


async def authorize_agent(services: Services, principal: Principal, action: str, user: str) -> Principal:
    """The agent who is commanded, if the principal may do this to her.

    Raises:
        NoSuchAgent: there is no such agent; other users, API users above all, cannot be commanded.
        Forbidden: a rule is against it.
    """
    agent = await services.access.principal(user)
    here().on_agent(user)
    if agent is None or agent.kind is not PrincipalKind.AGENT:
        raise NoSuchAgent(agent=user)
    services.access.authorize(principal, action, agent=agent)
    used(action)
    return agent


async def authorize_session(
    services: Services, principal: Principal, action: str, user: str
) -> AgentSession | None:
    """The session of the agent who is commanded, if the principal may do this to her in its campaign.

    Raises:
        NoSuchAgent: there is no such agent.
        Forbidden: a rule is against it.
    """
    agent = await authorize_agent(services, principal, action, user)
    session = await services.agents.session(user)
    if session is not None:
        services.access.authorize(principal, action, agent=agent, campaign=session.campaign)
    return session


async def _authenticate(access: Access, connection: AnyConnection) -> Principal:
    user, secret = credentials(connection.headers.get("authorization", ""))
    here().claim(user)
    address = connection.client.host if connection.client else ""
    try:
        found = await access.authenticate(user, secret, address) if secret else None
    except (Forbidden, TooManyRequests) as refused:
        here().claim(refused.user)  # of a key nobody has said whose it is
        raise
    if found is None or found.principal is None:
        here().refuse(f"login-{found.reason.value.lower()}" if found else "login-none")
        detail = "user and secret of an API user are needed, or one of its keys"
        if found is not None and found.reason is Reason.LOCK:
            detail = "too many wrong secrets from here: the user is locked for this address for a while"
        raise NotAuthorizedException(detail, headers=_CHALLENGE)
    here().known(found.principal.user, found.principal.key)
    return found.principal


def credentials(header: str) -> tuple[str, str]:
    """What an `Authorization` header holds: user and password of HTTP Basic (RFC 7617), or a key (RFC 6750).

    A key is given as the password of no user. Both are empty if the header is anything else.
    """
    if key := bearer(header):
        return "", key
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    if not colon or not user or not user.isprintable() or len(user) > 100 or len(secret) > 200:
        return "", ""
    return user, secret


def bearer(header: str) -> str:
    """The key in an `Authorization` header; empty if there is none."""
    scheme, _, token = header.partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and is_token(token, KEY_PREFIX) else ""


def _check_rights(
    access: Access, principal: Principal, rights: tuple[str, ...], herself: Principal | None
) -> str:
    """One of the rights is enough here; the handler asks again with the agent and the campaign.

    Returns:
        The first of them that the caller has.

    Raises:
        Forbidden: for the right that comes nearest; without any of the functions it names them all.
    """
    refused: list[Forbidden] = []
    for right in rights:
        try:
            access.authorize(principal, right, agent=herself if ACTIONS[right].own else None)
        except Forbidden as forbidden:
            refused.append(forbidden)
        else:
            return right
    nearest = next((each for each in refused if each.rule is not Rule.FUNCTION), None)
    if nearest is not None:
        raise nearest
    needs = " or ".join(each.needs for each in refused)
    raise Forbidden(Rule.FUNCTION, user=principal.user, function=" or ".join(rights), needs=needs)


def _check_origin(connection: AnyConnection) -> None:
    """A page of another site must not use the login that a browser remembers."""
    if _method(connection) not in _READING and from_another_site(connection):
        raise HTTPException(status_code=403, detail="the request comes from a page of another site")


def from_another_site(connection: AnyConnection) -> bool:
    """Whether a browser sends it for a page that is neither ours nor one of `[http] cors_origins`.

    What is no browser's says nothing of the kind, and needs no protection from pages.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    options = cast("Services", connection.app.state.services).options
    ours = {connection.headers.get("host", ""), _netloc(options.public_url)}
    return _netloc(origin) not in ours - {""} and origin not in options.cors_origins


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:  # a bracket that is not closed, and what else no browser sends
        return ""


def _check_content_type(connection: AnyConnection, wanted: str) -> None:
    headers = connection.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if _method(connection) not in _READING and kind != wanted:
        raise HTTPException(status_code=415, detail=f"the body must be {wanted}")


def _method(connection: AnyConnection) -> str:
    return str(cast("dict[str, Any]", connection.scope).get("method", ""))
