"""`/v1/reports`: how agents have spent a time, and how its calls went."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Meta

from bridge.api.every import every
from bridge.api.rest.fields import NAME, Limit
from bridge.api.rest.paging import Cursor
from bridge.api.rest.table import MONTH, Asked, Begin, End, Form, Sheet, period, sheet_of, table
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign, Did, InGroup
from bridge.reports.agent_time import AgentTime, OfAgents
from bridge.reports.counts import answered_by_people, by_span, by_status
from bridge.reports.figures import Figures
from bridge.reports.model import Counting
from bridge.reports.sight import Sight
from bridge.services import Services

HOURLY: Final = timedelta(days=2)
"""Longest time of a report by the hour, which reads each of them by itself."""
_HOUR: Final = timedelta(hours=1)
_PART: Final = 500
"""Names that are counted at once."""
By = Literal["campaign", "queue", "did"]
_KINDS: Final[Mapping[str, type[SiteItem]]] = {"campaign": Campaign, "queue": InGroup, "did": Did}
One = Annotated[str | None, QueryParameter(pattern=NAME)]
Names = Annotated[
    list[Annotated[str, Meta(pattern=r"^\+?[A-Za-z0-9_-]{1,40}$(?!\n)")]] | None,
    QueryParameter(max_items=100, description="Only of these; may be repeated. Left out: of all."),
]
Kind = Annotated[
    By, QueryParameter(description="Calls that went out by `campaign`; that came in by `queue` or `did`.")
]


class AgentReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent did in a time, or in one of her campaigns. Times are whole seconds."""

    agent: str
    name: str
    group: str
    campaign: str
    """Empty unless `by_campaign`."""
    calls: int
    share: float
    """Of all calls that agents had whom the caller sees, in percent."""
    sessions: int
    pauses: int
    login: int
    """`pause`, `wait`, `talk` and `wrapup` together."""
    pause: int
    wait: int
    talk: int
    """Ringing of calls that she has dialled included."""
    wrapup: int
    average_talk: int
    average_wait: int
    average_pause: int
    average_session: int

    @classmethod
    def of(cls, one: AgentTime, calls: int) -> AgentReport:
        """The view of what she did; `calls` are those of all agents."""
        return cls(
            agent=one.user,
            name=one.name,
            group=one.group,
            campaign=one.campaign,
            calls=one.calls,
            share=round(100 * one.calls / calls, 1) if calls else 0.0,
            sessions=one.sessions,
            pauses=one.pauses,
            **msgspec.structs.asdict(Figures.of(one)),
        )


class HourReport(msgspec.Struct, frozen=True, kw_only=True):
    """Calls that were asked for within an hour."""

    since: datetime
    calls: int
    answered: int
    """By a person, as far as their statuses tell."""
    statuses: Mapping[str, int]


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one campaign, in-group or number of the site, by status; `INCALL` is one that has none yet."""

    name: str
    calls: int
    answered: int
    """By a person, as far as their statuses tell."""
    statuses: Mapping[str, int]
    hours: tuple[HourReport, ...]
    """Those in which there were calls, counted from `since` on."""

    @classmethod
    def of(cls, name: str, begins: Sequence[datetime], counts: Sequence[Counter[str]]) -> StatusReport:
        """The view of what was counted from each of the moments on."""
        hours = [
            HourReport(
                since=begin,
                calls=found.total(),
                answered=answered_by_people(found),
                statuses=_sorted(found),
            )
            for begin, found in zip(begins, counts, strict=True)
            if found
        ]
        all_of_it: Counter[str] = sum(counts, Counter())
        return cls(
            name=name,
            calls=all_of_it.total(),
            answered=answered_by_people(all_of_it),
            statuses=_sorted(all_of_it),
            hours=tuple(hours),
        )


class DispositionReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the calls of one campaign, in-group or number of the site ended; `INCALL` has not ended yet."""

    name: str
    calls: int
    statuses: Mapping[str, int]

    @classmethod
    def of(cls, name: str, found: Counter[str]) -> DispositionReport:
        """The view of what was counted."""
        return cls(name=name, calls=found.total(), statuses=_sorted(found))


def _sorted(found: Mapping[str, int]) -> Mapping[str, int]:
    return dict(sorted(found.items()))


_BY_HOUR: Final[Sheet[StatusReport]] = Sheet(
    ("name", "since", "status", "calls"),
    lambda one: [
        (one.name, hour.since, status, calls) for hour in one.hours for status, calls in hour.statuses.items()
    ],
)
_BY_STATUS: Final[Sheet[DispositionReport]] = Sheet(
    ("name", "status", "calls"),
    lambda one: [(one.name, status, calls) for status, calls in one.statuses.items()],
)


class ReportController(Controller):
    """Reports of a time; each holds what the caller's own limits and its group let it see."""

    path = "/reports"
    tags = ("reports",)

    @get("/agents", opt={"right": "reports.agents"}, summary="How agents have spent a time")
    async def agents(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        since: Begin,
        until: End,
        agent: One = None,
        campaign: One = None,
        by_campaign: FromQuery[bool] = False,
        format: Form = None,  # noqa: A002  the name of the query parameter
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[AgentReport]:
        """By agent; with `by_campaign` a row for each campaign that she has worked for. At most 31 days.

        What began within the time counts as a whole; what she is still doing counts when it is over. A page
        holds up to `limit` agents.
        """
        begin, end = period(since, until, MONTH)
        wanted = OfAgents(
            begin=begin, end=end, user=agent or "", campaign=campaign or "", by_campaign=by_campaign
        )
        pages = _agents(services, wanted, Sight.of(request.user), cursor)
        sheet = sheet_of(AgentReport)
        return await table(request, services, pages, sheet=sheet, form=format, limit=limit, key=_agent)

    @get("/statuses", opt={"right": "reports.statuses"}, summary="Calls of a time by hour and status")
    async def statuses(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        since: Begin,
        until: End,
        by: Kind = "campaign",
        name: Names = None,
        status: Names = None,
        format: Form = None,  # noqa: A002  the name of the query parameter
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[StatusReport]:
        """By name, for each that has calls. At most 2 days; hours are counted from `since` on."""
        begin, end = period(since, until, HOURLY)
        begins = [begin + _HOUR * hour for hour in range(-((begin - end) // _HOUR))]
        spans = list(zip(begins, [*begins[1:], end], strict=True))
        wanted = Counting(by=by, names=(), begin=begin, end=end)
        sight = Sight.of(request.user)

        async def counted() -> AsyncIterator[Sequence[StatusReport]]:
            async for names in _names(services, by, name, cursor):
                part = msgspec.structs.replace(wanted, names=names)
                found = await by_span(services.reports, part, spans, sight, status or ())
                yield [StatusReport.of(one, begins, counts) for one, counts in sorted(found.items())]

        pages = counted()
        return await table(request, services, pages, sheet=_BY_HOUR, form=format, limit=limit, key=_name)

    @get("/dispositions", opt={"right": "reports.dispositions"}, summary="How the calls of a time ended")
    async def dispositions(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        since: Begin,
        until: End,
        by: Kind = "campaign",
        name: Names = None,
        status: Names = None,
        agent: Names = None,
        format: Form = None,  # noqa: A002  the name of the query parameter
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[DispositionReport]:
        """By name, for each that has calls; of some agents if they are named. At most 31 days."""
        begin, end = period(since, until, MONTH)
        wanted = Counting(by=by, names=(), begin=begin, end=end, users=agent or ())
        sight = Sight.of(request.user)

        async def counted() -> AsyncIterator[Sequence[DispositionReport]]:
            async for names in _names(services, by, name, cursor):
                part = msgspec.structs.replace(wanted, names=names)
                found = await by_status(services.reports, part, sight, status or ())
                yield [DispositionReport.of(*one) for one in sorted(found.items())]

        pages = counted()
        return await table(request, services, pages, sheet=_BY_STATUS, form=format, limit=limit, key=_name)


def _agent(one: AgentReport) -> str:
    return one.agent


def _name(one: StatusReport | DispositionReport) -> str:
    return one.name


async def _agents(
    services: Services, wanted: OfAgents, sight: Sight, after: str
) -> AsyncIterator[Sequence[AgentReport]]:
    calls = await services.reports.agents_calls(wanted, sight)
    async for page in services.reports.agents_time(wanted, sight, after):
        yield [AgentReport.of(one, calls) for one in page]


async def _names(
    services: Services, by: By, asked: Sequence[str] | None, after: str
) -> AsyncIterator[Sequence[str]]:
    """What is counted, in its order, some at a time: what is asked for, else all that the site has."""
    part: list[str] = []
    found = _given(asked) if asked else _all(services, by)
    async for name in found:
        if name > after:
            part.append(name)
        if len(part) == _PART:
            yield part
            part = []
    if part:
        yield part


async def _given(names: Sequence[str]) -> AsyncIterator[str]:
    for name in sorted(set(names)):
        yield name


async def _all(services: Services, by: By) -> AsyncIterator[str]:
    async for one in every(services.site, _KINDS[by]):
        yield one.key
