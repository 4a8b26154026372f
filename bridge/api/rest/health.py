"""`/health` and `/ready`: for load balancers and container engines."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec

from bridge.api.guard import PUBLIC
from bridge.services import Check, Services


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How the bridge is; `checks` names what it depends on."""

    status: str
    checks: dict[str, bool] = {}


class Readiness(State, frozen=True, kw_only=True):
    """Whether it can work, and which of the duties that one of all bridges on a database has are its own."""

    duties: list[str] = []


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the bridge depends on."""

    name: str
    ok: bool
    needed: bool
    """Calls cannot be made without it; what is only told of them can wait."""
    since: datetime | None
    """Since when it was found so."""
    detail: str
    """What it is, or why it is not there."""

    @classmethod
    def of(cls, check: Check) -> Dependency:
        """The view of a check."""
        return cls(name=check.name, ok=check.ok, needed=check.needed, since=check.since, detail=check.detail)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the bridge is, for its keepers."""

    ready: bool
    """All that calls need is there."""
    duties: list[str]
    """Of the duties that one of all bridges on a database has, those that are this one's."""
    dependencies: list[Dependency]


@get("/health", opt={"right": PUBLIC}, tags=["health"], summary="Is the process alive?", sync_to_thread=False)
def health() -> State:
    """200 as long as the process answers at all."""
    return State(status="ok")


@get(
    "/health",
    opt={"right": "events.system"},
    tags=["health"],
    summary="What is there, since when, and why not",
)
async def detailed_health(services: NamedDependency[Services]) -> Health:
    """What `/ready` says, with the reasons; always 200."""
    checks = await services.health.checks()
    return Health(
        ready=all(check.ok for check in checks if check.needed),
        duties=list(services.health.duties),
        dependencies=[Dependency.of(check) for check in checks],
    )


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
