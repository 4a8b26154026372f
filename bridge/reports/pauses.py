"""How agents have paused in a time: one row for each of an agent's pause codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Select, func, select

from bridge.reports.agent_time import PAUSE, OfAgents, Page, within
from bridge.reports.sight import Sight
from bridge.store.connection import Connection
from bridge.store.schema import agent_spans as spans
from bridge.store.schema import users


class PauseTime(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent's pauses for one reason come to."""

    user: str
    name: str = ""
    group: str = ""
    code: str
    """Empty: none was given."""
    pauses: int
    milliseconds: int


async def paused(conn: Connection, wanted: OfAgents, sight: Sight, after: str, limit: int) -> Page[PauseTime]:
    """A page of the agents who have paused, by user and code."""
    names = list((await conn.execute(_users(wanted, sight, after).limit(limit))).scalars())
    rows = await conn.execute(_sums(wanted, sight, names)) if names else ()
    return Page([_pause(row) for row in rows], names[-1] if len(names) == limit else "")


def _users(wanted: OfAgents, sight: Sight, after: str) -> Select[Any]:
    query = _pauses(select(spans.c.user).distinct(), wanted, sight)
    return query.where(spans.c.user > after).order_by(spans.c.user)


def _sums(wanted: OfAgents, sight: Sight, names: Sequence[str]) -> Select[Any]:
    keys = (spans.c.user, users.c.name, users.c.group, spans.c.pause_reason)
    query = select(*keys, func.count().label("pauses"), func.sum(spans.c.milliseconds).label("milliseconds"))
    query = query.select_from(spans.outerjoin(users, users.c.user == spans.c.user))
    query = _pauses(query, wanted, sight).where(spans.c.user.in_(names))
    return query.group_by(*keys).order_by(spans.c.user, spans.c.pause_reason)


def _pauses(query: Select[Any], wanted: OfAgents, sight: Sight) -> Select[Any]:
    query = within(query, wanted, sight).where(spans.c.state.in_(PAUSE))
    return query.where(spans.c.user == wanted.user) if wanted.user else query


def _pause(row: Any) -> PauseTime:
    return PauseTime(
        user=row.user,
        name=row.name or "",  # of a user who is not there any more
        group=row.group or "",
        code=row.pause_reason,
        pauses=int(row.pauses),
        milliseconds=int(row.milliseconds),
    )
