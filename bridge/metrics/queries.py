"""How many there are now. Each statement reads an index of what is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select

from bridge.delivery.model import DeliveryState
from bridge.store.connection import Connection
from bridge.store.schema import agent_sessions, calls, deliveries, events, hopper, sink_cursors

_AGENTS: Final = (
    select(agent_sessions.c.state, func.count())
    .where(agent_sessions.c.logged_out_at.is_(None))
    .group_by(agent_sessions.c.state)
)
_UNDISPOSED: Final = calls.c.disposed_at.is_(None)
_CALLS: Final = select(calls.c.state, func.count()).where(_UNDISPOSED).group_by(calls.c.state)
_HOPPER: Final = select(hopper.c.campaign, hopper.c.status, func.count()).group_by(
    hopper.c.campaign, hopper.c.status
)
_OPEN: Final = (DeliveryState.PENDING, DeliveryState.FAILED)
"""Those that were taken are many, and of no interest."""
_DELIVERIES: Final = (
    select(deliveries.c.state, func.count()).where(deliveries.c.state.in_(_OPEN)).group_by(deliveries.c.state)
)
_NEWEST: Final = select(func.coalesce(func.max(events.c.seq), 0)).scalar_subquery()
_BEHIND: Final = select(sink_cursors.c.sink, _NEWEST - sink_cursors.c.seq)

Counts = Mapping[tuple[str, ...], int]
"""Labels → how many."""


async def agents(conn: Connection) -> Counts:
    """Agents who are logged in, by state."""
    return await _counts(conn, _AGENTS)


async def open_calls(conn: Connection) -> Counts:
    """Calls that are not disposed, by state."""
    return await _counts(conn, _CALLS)


async def forgotten_calls(conn: Connection, ended_before: datetime) -> int:
    """Calls that have ended by then and are not disposed."""
    query = select(func.count()).where(_UNDISPOSED, calls.c.ended_at < ended_before)
    return int((await conn.execute(query)).scalar_one())


async def hopper_leads(conn: Connection) -> Counts:
    """Leads in the hopper, by campaign and status."""
    return await _counts(conn, _HOPPER)


async def told(conn: Connection) -> Counts:
    """Deliveries to other systems that are not taken, by state."""
    return await _counts(conn, _DELIVERIES)


async def behind(conn: Connection) -> Counts:
    """Events that sinks have still to give out, and those that were sinks once.

    Not how far the CRM's addresses are: their place is kept only now and then.
    """
    return await _counts(conn, _BEHIND)


async def _counts(conn: Connection, query: Select[Any]) -> Counts:
    found: dict[tuple[str, ...], int] = {}
    rows: Sequence[Any] = (await conn.execute(query)).all()
    for *labels, count in rows:
        found[tuple(map(str, labels))] = int(count)
    return found
