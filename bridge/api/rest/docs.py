"""`/v1/openapi.json`: the API's description. The page for people, `/docs`, is made from it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from litestar import Request, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from bridge.api.guard import PUBLIC

_DESCRIPTION = (
    "Agents, calls and events of a call centre on Asterisk. Log in with HTTP Basic as an API user. "
    "Every error is problem JSON (RFC 9457); programs test its `error_id`."
)


def openapi_config() -> OpenAPIConfig:
    """What the description says beside the routes; a new one for each application."""
    # Litestar wants a router for pages of its own, which load scripts from the internet: only JSON here.
    router = Router("/v1/openapi", route_handlers=[], include_in_schema=False, opt={"right": PUBLIC})
    return OpenAPIConfig(
        title="Agent bridge",
        version=_version(),
        description=_DESCRIPTION,
        components=Components(security_schemes={"basic": SecurityScheme(type="http", scheme="basic")}),
        security=[{"basic": []}],
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
        openapi_router=router,
    )


def _version() -> str:
    try:
        return version("agent-bridge")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0"


@get("/v1/openapi.json", opt={"right": PUBLIC}, include_in_schema=False, sync_to_thread=False)
def openapi(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """OpenAPI 3.1."""
    return request.app.openapi_schema.to_schema()
