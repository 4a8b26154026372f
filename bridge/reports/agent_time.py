"""How agents have spent a time: one row each, or one for each of her campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, case, func, select

from bridge.agents.model import AgentState
from bridge.reports.sight import Sight
from bridge.store.connection import Connection
from bridge.store.schema import agent_spans as spans
from bridge.store.schema import users

PAUSE: Final = (AgentState.PAUSED,)
WAIT: Final = (AgentState.READY, AgentState.OFFERED)
TALK: Final = (AgentState.DIALING, AgentState.INCALL)
WRAPUP: Final = (AgentState.WRAPUP,)
_OF_CALLS: Final = (*TALK, *WRAPUP)


class OfAgents(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: what agents did in spans that began within a time, its end not within.

    What an agent is still doing counts when it is over.
    """

    begin: datetime
    end: datetime
    user: str = ""
    campaign: str = ""
    by_campaign: bool = False


class AgentTime(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent did. Times are in milliseconds, and their sum is that of her work."""

    user: str
    name: str = ""
    group: str = ""
    campaign: str = ""
    """Empty unless asked for by campaign."""
    sessions: int = 0
    calls: int = 0
    pauses: int = 0
    pause: int = 0
    wait: int = 0
    talk: int = 0
    """In calls, those that she had dialled and that rang included."""
    wrapup: int = 0


Row = TypeVar("Row")


class Page(msgspec.Struct, Generic[Row], frozen=True):
    """Rows in the order of users; those of one user are on one page."""

    rows: Sequence[Row]
    last: str
    """The user behind whom the next page begins; empty: there is none."""


async def calls_had(conn: Connection, wanted: OfAgents, sight: Sight) -> int:
    """How many calls all agents had whom the caller sees, of one campaign if that is asked for."""
    query = within(select(_calls().label("had")), wanted, sight)
    return int((await conn.execute(query)).scalar() or 0)


async def spent(conn: Connection, wanted: OfAgents, sight: Sight, after: str, limit: int) -> Page[AgentTime]:
    """A page of agents, by user."""
    query = select(users.c.user, users.c.name, users.c.group).where(users.c.user > after)
    if wanted.user:
        query = query.where(users.c.user == wanted.user)
    known = (await conn.execute(query.order_by(users.c.user).limit(limit))).all()
    names = [row.user for row in known]
    found = await _sums(conn, wanted, sight, names)
    of = {row.user: row for row in known}
    rows = [
        msgspec.structs.replace(one, name=of[one.user].name, group=of[one.user].group)
        for _, one in sorted(found.items())
    ]
    return Page(rows, names[-1] if len(names) == limit else "")


async def _sums(
    conn: Connection, wanted: OfAgents, sight: Sight, names: Sequence[str]
) -> dict[tuple[str, str], AgentTime]:
    keys = [spans.c.user, *([spans.c.campaign] if wanted.by_campaign else [])]
    query = select(
        *keys,
        func.count(spans.c.session_id.distinct()).label("sessions"),
        _calls().label("calls"),
        func.count(case((spans.c.state.in_(PAUSE), 1))).label("pauses"),
        *(_sum(name, states) for name, states in _TIMES.items()),
    )
    query = within(query.where(spans.c.user.in_(names)), wanted, sight).group_by(*keys)
    rows = await conn.execute(query) if names else ()
    made = [AgentTime(**{key: _whole(value) for key, value in row._mapping.items()}) for row in rows]  # noqa: SLF001  public in spite of its name
    return {(one.user, one.campaign): one for one in made}


def _whole(value: Any) -> Any:
    """PostgreSQL sums whole numbers to decimals."""
    return value if isinstance(value, str) else int(value)


_TIMES: Final[Mapping[str, tuple[AgentState, ...]]] = {
    "pause": PAUSE,
    "wait": WAIT,
    "talk": TALK,
    "wrapup": WRAPUP,
}


def _sum(name: str, states: Sequence[AgentState]) -> ColumnElement[Any]:
    told = case((spans.c.state.in_(states), spans.c.milliseconds), else_=0)
    return func.coalesce(func.sum(told), 0).label(name)


def _calls() -> ColumnElement[int]:
    """Calls that agents had; one that was offered and did not come to her is none."""
    return func.count(case((spans.c.state.in_(_OF_CALLS), func.nullif(spans.c.call_id, ""))).distinct())


def within(query: Select[Any], wanted: OfAgents, sight: Sight) -> Select[Any]:
    """Of spans those that began within the time, and that the caller sees."""
    query = query.where(spans.c.began_at >= wanted.begin, spans.c.began_at < wanted.end)
    query = query.where(*_seen(sight).conditions(spans))
    return query.where(spans.c.campaign == wanted.campaign) if wanted.campaign else query


def _seen(sight: Sight) -> Sight:
    """An agent's time is of no list."""
    return msgspec.structs.replace(sight, lists=None)
