"""Each request to the APIs gets its row in the audit trail; row, log and answer have its id in common."""

from __future__ import annotations

from typing import Any, Final, cast

import structlog
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send
from litestar.utils.path import normalize_path

from bridge.audit.entry import Entry, Result, current
from bridge.services import Services

AUDITED: Final = ("/agc/api.php", "/vicidial/non_agent_api.php", "/v1/", "/in/", "/metrics")
"""Where the paths of requests begin that get a row; health, the pages and their files get none."""
UNKNOWN: Final = "unknown"
"""The function of a request to a path that nothing stands at."""
_STREAM: Final = b"text/event-stream"
REQUEST_ID: Final = b"x-request-id"


class AuditedApp(Litestar):
    """An application that keeps an audit trail: what never gets to a route has its row too."""

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] == ScopeType.HTTP and _is_audited(str(cast("Any", scope)["path"])):
            await _Served(self, cast("Any", scope), cast("Send", send)).serve(cast("Receive", receive))
        else:
            await super().__call__(scope, receive, send)


def _is_audited(path: str) -> bool:
    """Litestar takes `//v1///agents/` for `/v1/agents`."""
    return path.startswith(AUDITED) or normalize_path(path).startswith(AUDITED)


class _Served:
    """One request and its row."""

    def __init__(self, app: AuditedApp, scope: Scope, send: Send) -> None:
        self._app = app
        self._scope: Any = scope
        self._send = send
        self._entry = Entry(UNKNOWN)
        self._recorded = False

    async def serve(self, receive: Receive) -> None:
        """Have it served, and keep its row when it is over or, of a stream, when that begins."""
        token = current.set(self._entry)
        named = structlog.contextvars.bind_contextvars(request=self._entry.id)
        try:
            await Litestar.__call__(self._app, self._scope, receive, cast("Any", self._tell))
        finally:
            structlog.contextvars.reset_contextvars(**named)
            current.reset(token)
            await self._record()

    async def _tell(self, message: Message) -> None:
        """Pass the answer on, with the id of the request."""
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            self._entry.status = message["status"]
            message["headers"] = [*headers, (REQUEST_ID, self._entry.id.encode())]
            if any(name == b"content-type" and value.startswith(_STREAM) for name, value in headers):
                await self._record()
        await self._send(message)

    async def _record(self) -> None:
        if self._recorded:
            return
        self._recorded = True
        services: Services = self._app.state.services
        client = self._scope.get("client")
        self._entry.address = client[0] if client else ""
        self._settle()
        if self._entry.kept:
            await services.audit.record(self._entry)

    def _settle(self) -> None:
        """What its status and its path say, where nothing closer is known."""
        entry = self._entry
        if entry.status in (401, 403, 429):
            entry.refuse(entry.reason or f"http-{entry.status}")
        elif entry.status >= 400 or not entry.status:
            entry.fail(f"http-{entry.status}" if entry.status else "cut-off")
        self._name()

    def _name(self) -> None:
        """On what it was, by the path."""
        entry, path = self._entry, self._scope.get("path_template", "")
        named = {name: str(value) for name, value in self._scope.get("path_params", {}).items()}
        if path.startswith("/v1/agents/"):
            entry.on_agent(named.get("user", ""))
        else:
            entry.on_user(named.get("user", ""))
        entry.on_call(named.get("call_id", ""))
        if entry.result is Result.OK and "key" in named:
            entry.on(path.removeprefix("/v1/").removeprefix("site/").partition("/")[0], named["key"])
        if entry.result is Result.OK and "recording_id" in named:
            entry.on("recording", named["recording_id"])
