"""`/v1/reports/now` and others: what is going on at this moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from bridge.access.model import Principal
from bridge.api.agents_now import Seen, all_seen
from bridge.api.every import every
from bridge.api.guard import authorize_agent
from bridge.api.rest.command import session_of
from bridge.api.rest.fields import NAME, Limit, UserPath
from bridge.api.rest.paging import Cursor
from bridge.api.rest.table import Asked, Form, Row, Sheet, sheet_of, table
from bridge.api.usable import campaigns_of, queues_of
from bridge.calls.model import Call
from bridge.campaigns.model import InGroup, UserGroup
from bridge.reports.agents import AgentNow, Doing, counted, is_live, waits
from bridge.services import Services

One = Annotated[str | None, QueryParameter(pattern=NAME, description="Only this one.")]


class AgentNowView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent who is logged in, and what she is doing."""

    agent: str
    name: str
    group: str
    level: int
    campaign: str
    state: str
    state_since: datetime
    pause_reason: str
    doing: Doing
    """Under which head she is counted."""
    sub_status: str
    """`dial`, `park`, `3-way`, `dispo`, `preview`, `ring`, or nothing."""
    call_id: str
    """Her call, or the one that she has still to dispose."""
    lead_id: int | None
    calls_today: int
    """Since midnight at the site."""
    queues: tuple[str, ...]
    """In-groups that she serves."""
    blended: bool
    """Whether she takes the dialler's calls beside theirs."""

    @classmethod
    def of(cls, one: Seen) -> AgentNowView:
        """The view of an agent."""
        agent, session = one.agent, one.agent.session
        return cls(
            agent=session.user,
            name=one.who.name,
            group=one.who.group,
            level=one.who.level,
            campaign=session.campaign,
            state=session.state,
            state_since=session.state_since,
            pause_reason=session.pause_reason,
            doing=agent.doing,
            sub_status=agent.sub_status,
            call_id=agent.call.id if agent.call and not session.is_ringing else "",
            lead_id=agent.lead_id,
            calls_today=agent.calls_today,
            queues=session.queues,
            blended=session.blended,
        )


class Agents(msgspec.Struct, frozen=True, kw_only=True):
    """How many agents do what."""

    all: int
    call: int
    waiting: int
    paused: int
    dispo: int
    dialling: int

    @classmethod
    def of(cls, agents: Sequence[AgentNow]) -> Agents:
        """Those agents, counted."""
        doing = counted(agents)
        return cls(all=len(agents), **{one.value: doing[one] for one in Doing})


class QueueNowView(msgspec.Struct, frozen=True, kw_only=True):
    """An in-group."""

    name: str
    calls: int
    waiting: int
    """Callers who wait."""
    agents: Agents
    """Who serve it."""


class UserGroupNowView(msgspec.Struct, frozen=True, kw_only=True):
    """A group of users."""

    name: str
    waiting: int
    """Customers who wait, of all campaigns that it may use."""
    agents: Agents


class AgentCampaignsView(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent may use, as far as the caller may, too."""

    agent: str
    campaigns: tuple[str, ...]
    """Active ones."""
    queues: tuple[str, ...]
    """In-groups of those that take calls."""


HEADS: Final = Agents.__struct_fields__
_QUEUES: Final[Sheet[QueueNowView]] = Sheet(
    ("name", "calls", "waiting", *(f"agents_{head}" for head in HEADS)),
    lambda one: [(one.name, one.calls, one.waiting, *msgspec.structs.astuple(one.agents))],
)
_GROUPS: Final[Sheet[UserGroupNowView]] = Sheet(
    ("name", "waiting", *(f"agents_{head}" for head in HEADS)),
    lambda one: [(one.name, one.waiting, *msgspec.structs.astuple(one.agents))],
)


class NowController(Controller):
    """What is going on at this moment, as far as the caller's own limits and its group let it see it."""

    tags = ("reports",)

    @get("/reports/now", opt={"right": "agents.list"}, summary="What agents are doing")
    async def agents(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        campaign: One = None,
        group: One = None,
        agent: One = None,
        format: Form = None,  # noqa: A002  the name of the query parameter
        cursor: Cursor = "",
        limit: Limit = 500,
    ) -> list[AgentNowView]:
        """Those who are logged in and in their rooms, by user."""
        seen, _ = await _now(services, request.user)
        found = [AgentNowView.of(one) for one in seen if one.agent.session.user > cursor]
        wanted = (("campaign", campaign), ("group", group), ("agent", agent))
        rows = [one for one in found if all(name in (None, getattr(one, of)) for of, name in wanted)]
        sheet = sheet_of(AgentNowView)
        rows.sort(key=_agent)
        return await table(request, services, _one(rows), sheet=sheet, form=format, limit=limit, key=_agent)

    @get("/reports/queues", opt={"right": "queues.list"}, summary="In-groups, with calls and agents counted")
    async def queues(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        name: One = None,
        format: Form = None,  # noqa: A002  the name of the query parameter
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[QueueNowView]:
        """By name; `GET /v1/queues` tells who they are."""
        seen, calls = await _now(services, request.user)
        rows = [
            _queue(one.name, seen, calls)
            async for one in every(services.site, InGroup)
            if one.name > cursor and name in (None, one.name)
        ]
        return await table(request, services, _one(rows), sheet=_QUEUES, form=format, limit=limit, key=_name)

    @get("/reports/usergroups", opt={"right": "reports.groups"}, summary="Groups of users, agents counted")
    async def groups(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        name: One = None,
        format: Form = None,  # noqa: A002  the name of the query parameter
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[UserGroupNowView]:
        """Those that the caller's group sees, by name."""
        seen, calls = await _now(services, request.user)
        scope = request.user.scope
        rows = [
            _group(one, seen, calls)
            async for one in every(services.site, UserGroup)
            if scope is not None
            and one.name in scope.groups
            and one.name > cursor
            and name in (None, one.name)
        ]
        return await table(request, services, _one(rows), sheet=_GROUPS, form=format, limit=limit, key=_name)

    @get("/agents/{user:str}/campaigns", opt={"right": "agents.campaigns"}, summary="What an agent may use")
    async def campaigns(
        self, request: Asked, services: NamedDependency[Services], user: UserPath
    ) -> AgentCampaignsView:
        """Active campaigns that both may use, with their in-groups; 403 while she works in another one."""
        await session_of(request, services, user)
        agent = await authorize_agent(services, request.user, "agents.campaigns", user)
        found = await campaigns_of(services, request.user, agent)
        names = tuple(one.id for one in found)
        return AgentCampaignsView(agent=user, campaigns=names, queues=tuple(queues_of(found)))


async def _now(services: Services, principal: Principal) -> tuple[list[Seen], list[Call]]:
    return await all_seen(services, principal, datetime.now(services.options.timezone))


async def _one(rows: Sequence[Row]) -> AsyncIterator[Sequence[Row]]:
    yield rows


def _queue(name: str, seen: Iterable[Seen], calls: Iterable[Call]) -> QueueNowView:
    theirs = [one for one in calls if one.queue == name and is_live(one)]
    serving = [one.agent for one in seen if name in one.agent.session.queues]
    waiting = sum(waits(one) for one in theirs)
    return QueueNowView(name=name, calls=len(theirs), waiting=waiting, agents=Agents.of(serving))


def _group(group: UserGroup, seen: Iterable[Seen], calls: Iterable[Call]) -> UserGroupNowView:
    theirs = [one.agent for one in seen if one.who.group == group.name]
    waiting = sum(waits(one) and one.campaign in group.campaigns for one in calls)
    return UserGroupNowView(name=group.name, waiting=waiting, agents=Agents.of(theirs))


def _agent(one: AgentNowView) -> str:
    return one.agent


def _name(one: QueueNowView | UserGroupNowView) -> str:
    return one.name
