"""`/v1/openapi.json` and `/v1/asyncapi.json`: what requests and events there are.

The page for people, `/docs`, is made from the first, `docs/events.md` from what the second is made from.
"""

from __future__ import annotations

import copy
import functools
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from bridge.api.console import COOKIE
from bridge.api.errors import MEDIA_TYPE, Problem
from bridge.api.guard import PUBLIC
from bridge.api.rest.by_hand import HAND_BODIES
from bridge.api.rest.callback_wishes import NEW_CALLBACK_BODIES
from bridge.api.rest.consents import CONSENT_BODIES
from bridge.api.rest.console import CONSOLE_BODIES
from bridge.api.rest.examples import EXAMPLES
from bridge.api.rest.filter_groups import FILTER_BODIES
from bridge.api.rest.hopper import HopperBody
from bridge.api.rest.imports import IMPORT_BODIES, PART_TYPE
from bridge.api.rest.intake import INTAKE_BODIES
from bridge.api.rest.keys import KEY_BODIES
from bridge.api.rest.lead import LEAD_BODIES
from bridge.api.rest.lead_batch import LEAD_BATCH_BODIES
from bridge.api.rest.lead_numbers import NUMBER_BODIES
from bridge.api.rest.leads import LEAD_CHANGE_BODIES
from bridge.api.rest.models import BODIES
from bridge.api.rest.new_lead import NEW_LEAD_BODIES
from bridge.api.rest.phone import MonitorBody
from bridge.api.rest.remote_agents import RemoteAgentBody
from bridge.api.rest.screen import SCREEN_BODIES
from bridge.api.rest.shift import SHIFT_BODIES
from bridge.api.rest.site import SITE_BODIES
from bridge.api.rest.sounds import SOUND_BODIES
from bridge.api.rest.table import CSV
from bridge.api.rest.users import PasswordBody, UserBody
from bridge.events.asyncapi import document
from bridge.services import Services

_DESCRIPTION = (
    "Agents, calls and events of a call centre on Asterisk. Log in with HTTP Basic as an API user, or "
    "with one of its keys as Bearer. "
    "Every error is problem JSON (RFC 9457); programs test its `error_id`."
)
_BODIES = (
    *(*BODIES, *HAND_BODIES, *LEAD_BODIES, *SHIFT_BODIES, *SOUND_BODIES),
    *(*SITE_BODIES, *SCREEN_BODIES, *KEY_BODIES, *INTAKE_BODIES, *CONSENT_BODIES, *IMPORT_BODIES, HopperBody),
    *NEW_LEAD_BODIES,
    *LEAD_CHANGE_BODIES,
    *NUMBER_BODIES,
    *NEW_CALLBACK_BODIES,
    *LEAD_BATCH_BODIES,
    MonitorBody,
    RemoteAgentBody,
    *FILTER_BODIES,
    *CONSOLE_BODIES,
    PasswordBody,
)
_PUBLIC_PATHS = ("/health", "/ready")
_LOGIN_PATHS = ("/v1/console/login",)
_SIGNED_PATHS = ("/v1/recordings/{recording_id}/audio",)
"""They take no login, but a signature."""
_ERRORS = {
    "400": "a field, parameter or header is not valid",
    "401": "user and secret are needed",
    "403": "the user may not do this",
    "default": "any other error",
}

_REPLAYED = {
    "Idempotency-Replayed": {
        "description": "`true` if the key was used before, and this is the answer of then.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
_DIALLED = {
    "Location": {"description": "Path of the call.", "schema": {"type": "string"}},
    "Preference-Applied": {
        "description": "`wait=N` if the request has waited.",
        "schema": {"type": "string"},
    },
}
_PART = {
    "required": True,
    "description": "The bytes of the file from `Upload-Offset` on.",
    "content": {PART_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}
_NEXT = {
    "Link": {
        "description": 'The next page, if there is one: `<…>; rel="next"` (RFC 8288).',
        "schema": {"type": "string"},
    },
}


def openapi_config() -> OpenAPIConfig:
    """What the description says beside the routes; a new one for each application."""
    # Litestar wants a router for pages of its own, which load scripts from the internet: only JSON here.
    router = Router("/v1/openapi", route_handlers=[], include_in_schema=False, opt={"right": PUBLIC})
    return OpenAPIConfig(
        title="Agent bridge",
        version=_version(),
        description=_DESCRIPTION,
        components=Components(
            security_schemes={
                "basic": SecurityScheme(type="http", scheme="basic"),
                "key": SecurityScheme(type="http", scheme="bearer", bearer_format="abk_…"),
                "console": SecurityScheme(type="apiKey", security_scheme_in="cookie", name=COOKIE),
            }
        ),
        security=[{"basic": []}, {"key": []}],
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
        openapi_router=router,
    )


@get("/v1/openapi.json", opt={"right": PUBLIC}, include_in_schema=False, sync_to_thread=True)
def openapi(request: Request[Any, Any, Any], services: NamedDependency[Services]) -> Response[bytes]:
    """OpenAPI 3.1."""
    body = _description(request.app, services.options.public_url)
    return Response(body, media_type=MediaType.JSON)


@get("/v1/asyncapi.json", opt={"right": PUBLIC}, include_in_schema=False, sync_to_thread=True)
def asyncapi(services: NamedDependency[Services]) -> Response[bytes]:
    """AsyncAPI 3.0: the events."""
    return Response(_events(services.options.mqtt_prefix), media_type=MediaType.JSON)


@functools.lru_cache(maxsize=2)
def _events(prefix: str) -> bytes:
    """Made once: it reads the source of every event."""
    return msgspec.json.encode(document(_version(), prefix))


@functools.lru_cache(maxsize=2)
def _description(app: Litestar, public_url: str) -> bytes:
    """Made once: it takes a third of a second, and anybody may ask for it."""
    return msgspec.json.encode(complete(app.openapi_schema.to_schema(), public_url))


def complete(generated: dict[str, Any], public_url: str = "") -> dict[str, Any]:
    """The generated description with what Litestar cannot know: where we are, our errors, and examples."""
    schema = copy.deepcopy(generated)
    schema["servers"] = [{"url": public_url or "/"}]
    schemas = schema["components"]["schemas"]
    kinds = (Problem, UserBody, *_BODIES)
    # msgspec says more of them than Litestar: that unknown fields are refused, and `extra_json_schema`.
    told = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")[1]
    schemas |= _without_unique(told)
    _mend_items(schemas)
    for name, example in EXAMPLES.items():
        schemas[name]["examples"] = [example]
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if path in _PUBLIC_PATHS:
                operation["security"] = []
                continue
            if path in _SIGNED_PATHS + _LOGIN_PATHS:
                operation["security"] = []
            elif path.startswith("/v1/console"):
                operation["security"] = [{"console": []}]
            operation["responses"] |= {status: _error(text) for status, text in _ERRORS.items()}
            _allow_no_body(operation)
            _tell_of_headers(operation)
            _tell_of_csv(operation)
        _tell_of_additions(path, operations)
    schema["paths"]["/v1/calls"]["post"]["responses"]["201"]["headers"] |= _DIALLED
    schema["paths"]["/v1/imports/{import_id}"]["patch"]["requestBody"] = _PART
    return schema


def _without_unique(schema: Any) -> Any:
    """A name that stands twice in a list is no fault."""
    if isinstance(schema, dict):
        return {key: _without_unique(value) for key, value in schema.items() if key != "uniqueItems"}
    return [_without_unique(entry) for entry in schema] if isinstance(schema, list) else schema


def _mend_items(schema: Any) -> None:
    """Litestar takes the dots of `tuple[str, ...]` for a kind of entry, if the tuple has a limit."""
    match schema:
        case {"items": {"oneOf": [entry, {**rest}]}} if not rest:
            schema["items"] = entry
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _mend_items(part)


def _allow_no_body(operation: dict[str, Any]) -> None:
    """A body that may be `null` may be left out."""
    body = operation.get("requestBody")
    if body and {"type": "null"} in body["content"]["application/json"]["schema"].get("oneOf", ()):
        body["required"] = False


def _tell_of_headers(operation: dict[str, Any]) -> None:
    """What the answer says beside its body, by what the request may say."""
    asked = {parameter["name"] for parameter in operation.get("parameters", ())}
    told = (_REPLAYED if "Idempotency-Key" in asked else {}) | (_NEXT if "cursor" in asked else {})
    for status, response in operation["responses"].items():
        if told and status.startswith("2"):
            response["headers"] = response.get("headers", {}) | told


def _tell_of_csv(operation: dict[str, Any]) -> None:
    """A list with a `format` comes as CSV, too."""
    if any(parameter["name"] == "format" for parameter in operation.get("parameters", ())):
        operation["responses"]["200"]["content"][CSV] = {"schema": {"type": "string"}}


def _tell_of_additions(path: str, operations: dict[str, Any]) -> None:
    """`PUT` to a key that nothing has adds it."""
    if (path.startswith("/v1/site/") and path.endswith("/{key}")) or path == "/v1/dnc/{number}":
        responses = operations["put"]["responses"]
        responses["201"] = responses["200"] | {"description": "There was none: it was added"}


def _error(description: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}


def _version() -> str:
    try:
        return version("agent-bridge")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0"
