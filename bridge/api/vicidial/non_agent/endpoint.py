"""`/vicidial/non_agent_api.php`: the checks in the format's order, then the function."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from litestar import HttpMethod, route
from litestar.types import ASGIApp

from bridge.api.guard import OWN_LOGIN, bearer
from bridge.api.recording_links import base_of
from bridge.api.vicidial.carry_out import carry_out
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.login import login
from bridge.api.vicidial.non_agent.parameters import FILTERS
from bridge.api.vicidial.non_agent.registry import FUNCTIONS, Function
from bridge.api.vicidial.non_agent.version import version
from bridge.api.vicidial.page import debug_end, tail
from bridge.api.vicidial.parameters import Parameters
from bridge.api.vicidial.reply import Answer
from bridge.api.vicidial.transport import MAX_BODY, AnyRequest, Reply, answered
from bridge.api.vicidial.version import TEAPOTS, teapot
from bridge.audit.entry import Entry, here
from bridge.services import Services


@route(
    "/vicidial/non_agent_api.php",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    name="non_agent_api",
    opt={"right": OWN_LOGIN},
    include_in_schema=False,
    request_max_body_size=MAX_BODY,
)
async def non_agent_api(request: AnyRequest) -> ASGIApp:
    """Answer one request in the line format."""
    services: Services = request.app.state.services
    address = request.client.host if request.client else ""
    key = bearer(request.headers.get("authorization", ""))

    async def work(parameters: Parameters) -> Reply:
        return await answer(services, parameters, address, lambda: base_of(request, services), key=key)

    return await answered(request, FILTERS, work)


async def answer(
    services: Services, parameters: Parameters, address: str, base_url: Callable[[], str], *, key: str = ""
) -> Reply:
    """The body of a reply with status 200, and its own headers.

    Raises:
        Answer: a check ended the request, or the status is another one.
    """
    now = datetime.now(UTC).astimezone(services.options.timezone)
    function = parameters["function"]
    _name(here(), parameters)
    if function == "version":
        return Reply(version(now), {})
    if function in TEAPOTS:
        raise Answer(teapot(function), status=418)
    principal = await login(services, parameters, address, key)
    if services.access.may_call(principal, function):
        here().right = function
    if function not in FUNCTIONS:
        raise Answer(f"ERROR: NO FUNCTION SPECIFIED\n{debug_end(parameters)}")
    call = NonAgentCall(
        services=services,
        parameters=parameters,
        principal=principal,
        function=function,
        epoch=int(now.timestamp()),
        base_url=base_url,
        now=now,
    )
    reply = await carry_out(call, _checked(call, FUNCTIONS[function]), principal.user, "")
    if not call.rest:
        return Reply(reply, call.headers)
    end = tail(parameters)
    return Reply(reply.removesuffix(end), call.headers, _then(call.rest[0], end))


async def _then(pieces: AsyncIterator[str], end: str) -> AsyncIterator[str]:
    async for piece in pieces:
        yield piece
    yield end


async def _checked(call: NonAgentCall, function: Function) -> str:
    if function.names_source:
        call.check_source()
    call.check_function()
    call.check_rights(function.may, function.closing, function.told_as)
    return await function.run(call)


def _name(entry: Entry, parameters: Parameters) -> None:
    """What is asked for and on what, for the audit trail."""
    function = parameters["function"]
    known = function in FUNCTIONS or function in TEAPOTS or function == "version"
    entry.function = function if known else "unknown"
    entry.on_agent(parameters["agent_user"])
    entry.on_lead(parameters["lead_id"])
    entry.on_number(parameters["phone_number"])
