"""`/health` and `/ready`: for load balancers and container engines."""

from __future__ import annotations

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec

from bridge.api.guard import PUBLIC
from bridge.services import Services


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How the bridge is; `checks` names what it depends on."""

    status: str
    checks: dict[str, bool] = {}


class Readiness(State, frozen=True, kw_only=True):
    """Whether it can work, and which of the duties that one of all bridges on a database has are its own."""

    duties: list[str] = []


@get("/health", opt={"right": PUBLIC}, tags=["health"], summary="Is the process alive?", sync_to_thread=False)
def health() -> State:
    """200 as long as the process answers at all."""
    return State(status="ok")


@get(
    "/ready",
    opt={"right": PUBLIC},
    tags=["health"],
    summary="Can it do its work?",
    responses={503: ResponseSpec(Readiness, description="What calls need is away.", generate_examples=False)},
)
async def ready(services: NamedDependency[Services]) -> Response[Readiness]:
    """200 when everything that calls need is there, else 503. Says which, but not why."""
    checks = await services.health.checks()
    good = all(check.ok for check in checks if check.needed)
    named = {check.name: check.ok for check in checks}
    duties = list(services.health.duties)
    state = Readiness(status="ready" if good else "not ready", checks=named, duties=duties)
    return Response(state, status_code=200 if good else 503)
