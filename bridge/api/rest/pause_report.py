"""`/v1/reports/pauses`: why agents have paused, how often, and how long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
from litestar import get
from litestar.di import NamedDependency

from bridge.api.rest.fields import Limit
from bridge.api.rest.paging import Cursor
from bridge.api.rest.reports import One
from bridge.api.rest.table import MONTH, Asked, Begin, End, Form, period, sheet_of, table
from bridge.reports.agent_time import OfAgents
from bridge.reports.figures import ratio
from bridge.reports.pauses import PauseTime
from bridge.reports.sight import Sight
from bridge.services import Services


class PauseReport(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's pauses with one code. Times are whole seconds."""

    agent: str
    name: str
    group: str
    code: str
    """Empty: she gave none."""
    pauses: int
    pause: int
    average_pause: int

    @classmethod
    def of(cls, one: PauseTime) -> PauseReport:
        """The view of them."""
        seconds = round(one.milliseconds / 1000)
        return cls(
            agent=one.user,
            name=one.name,
            group=one.group,
            code=one.code,
            pauses=one.pauses,
            pause=seconds,
            average_pause=ratio(seconds, one.pauses),
        )


@get("/reports/pauses", opt={"right": "reports.agents"}, tags=["reports"], summary="Why agents have paused")
async def pauses(  # noqa: PLR0913  each is a parameter of the request
    *,
    request: Asked,
    services: NamedDependency[Services],
    since: Begin,
    until: End,
    agent: One = None,
    campaign: One = None,
    format: Form = None,  # noqa: A002  the name of the query parameter
    cursor: Cursor = "",
    limit: Limit = 100,
) -> list[PauseReport]:
    """By agent and pause code. At most 31 days.

    What began within the time counts as a whole; a pause that goes on counts when it is over. A page holds up
    to `limit` agents.
    """
    begin, end = period(since, until, MONTH)
    wanted = OfAgents(begin=begin, end=end, user=agent or "", campaign=campaign or "")
    pages = _pages(services, wanted, Sight.of(request.user), cursor)
    sheet = sheet_of(PauseReport)
    return await table(request, services, pages, sheet=sheet, form=format, limit=limit, key=_agent)


async def _pages(
    services: Services, wanted: OfAgents, sight: Sight, after: str
) -> AsyncIterator[Sequence[PauseReport]]:
    async for page in services.reports.pauses(wanted, sight, after):
        yield [PauseReport.of(one) for one in page]


def _agent(one: PauseReport) -> str:
    return one.agent
