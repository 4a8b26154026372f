"""`/v1/queues`: the in-groups, who waits there, and who serves them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency

from bridge.access.model import Principal
from bridge.agents.model import AgentSession
from bridge.api.rest.agents import sees
from bridge.api.rest.fields import KeyPath, Limit
from bridge.api.rest.paging import Cursor, page
from bridge.calls.model import Call
from bridge.campaigns.errors import NoSuchItem
from bridge.campaigns.model import InGroup
from bridge.services import Services

Asked = Request[Principal, Any, Any]


class CallerView(msgspec.Struct, frozen=True, kw_only=True):
    """A caller who waits."""

    call_id: str
    number: str
    lead_id: int | None
    campaign: str
    since: datetime
    """When she called."""


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent who serves the queue."""

    user: str
    state: str
    state_since: datetime


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """An in-group as it is now; callers and agents that the caller's group does not see are left out."""

    name: str
    title: str
    active: bool
    callers: tuple[CallerView, ...]
    """Who has waited longest first."""
    agents: tuple[MemberView, ...]

    @classmethod
    def of(cls, queue: Queue) -> QueueView:
        """The view of a queue."""
        group = queue.group
        return cls(
            name=group.name,
            title=group.title,
            active=group.active,
            callers=tuple(_caller(call) for call in queue.callers),
            agents=tuple(
                MemberView(user=session.user, state=session.state, state_since=session.state_since)
                for session in queue.sessions
            ),
        )


class Queue(msgspec.Struct, frozen=True):
    """An in-group, and who is there."""

    group: InGroup
    callers: Sequence[Call]
    sessions: Sequence[AgentSession]


class QueueController(Controller):
    """In-groups as queues of callers; they are set up under `/v1/site/ingroups`."""

    path = "/queues"
    tags = ("queues",)

    @get("/", opt={"right": "queues.list"}, summary="Queues, with who waits and who serves")
    async def list_queues(
        self, request: Asked, services: NamedDependency[Services], cursor: Cursor = "", limit: Limit = 100
    ) -> list[QueueView]:
        """Every in-group, by name."""
        groups = await services.site.list(InGroup, after=cursor, limit=limit + 1)
        found = await _queues(services, request.user, groups)
        return page(request, services, found, limit=limit, key=lambda queue: queue.group.name, view=QueueView)

    @get("/{key:str}", opt={"right": "queues.list"}, summary="One queue")
    async def get_queue(self, request: Asked, services: NamedDependency[Services], key: KeyPath) -> QueueView:
        """Who waits in an in-group, and who serves it."""
        group = await services.site.get(InGroup, key)
        if group is None:
            raise NoSuchItem(InGroup.kind, key)
        (found,) = await _queues(services, request.user, [group])
        return QueueView.of(found)


async def _queues(services: Services, principal: Principal, groups: Sequence[InGroup]) -> list[Queue]:
    callers = [call for call in await services.in_groups.queued() if _may_see(principal, call)]
    open_sessions = await services.agents.sessions()
    sessions = [session for session in open_sessions if await sees(services, principal, session)]
    return [
        Queue(
            group,
            [call for call in callers if call.queue == group.name],
            [session for session in sessions if group.name in session.queues],
        )
        for group in groups
    ]


def _may_see(principal: Principal, call: Call) -> bool:
    return principal.scope is not None and call.campaign in principal.scope.campaigns


def _caller(call: Call) -> CallerView:
    return CallerView(
        call_id=call.id,
        number=call.number,
        lead_id=call.lead_id,
        campaign=call.campaign,
        since=call.asked_at,
    )
