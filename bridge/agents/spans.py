"""What an agent has done from when to when: written by the step that ends it, in its transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select

from bridge.agents.model import AgentSession, AgentState
from bridge.store.connection import Connection
from bridge.store.database import Database
from bridge.store.prepared import Prepared
from bridge.store.schema import agent_spans as spans
from bridge.store.schema import users

TRIM: Final = 5000
"""Spans that one transaction removes."""

_AT_WORK: Final = frozenset(AgentState) - {AgentState.CONNECTING, AgentState.LOGGED_OUT}
_MILLISECOND: Final = timedelta(milliseconds=1)
_GROUP = select(users.c.group).where(users.c.user == bindparam("of_user")).scalar_subquery()


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which an agent did one thing."""

    session_id: str
    user: str
    campaign: str
    state: AgentState
    pause_reason: str = ""
    """Pause code, of a pause."""
    call_id: str = ""
    began_at: datetime
    ended_at: datetime

    @property
    def milliseconds(self) -> int:
        """How long it was."""
        return (self.ended_at - self.began_at) // _MILLISECOND


_INSERT = Prepared(
    insert(spans).values(group=func.coalesce(_GROUP, "")), (*Span.__struct_fields__, "milliseconds")
)


def ended(before: AgentSession, after: AgentSession) -> Span | None:
    """The span that a step has ended; `None`: she goes on with what she did, or did not work yet."""
    if before.state not in _AT_WORK or (before.state, before.span_since) == (after.state, after.span_since):
        return None
    span = Span(
        session_id=before.id,
        user=before.user,
        campaign=before.campaign,
        state=before.state,
        pause_reason=before.pause_reason if before.state is AgentState.PAUSED else "",
        call_id=before.call_id or "",
        began_at=before.span_since,
        ended_at=after.span_since,
    )
    return span if span.milliseconds > 0 else None  # of no length, or the clock was put back


async def add(conn: Connection, span: Span) -> None:
    """Write one down, with the group that the agent has now."""
    values = {name: getattr(span, name) for name in Span.__struct_fields__}
    more = {"state": span.state.value, "milliseconds": span.milliseconds, "of_user": span.user}
    await conn.execute(_INSERT, values | more)


async def trim(db: Database, before: datetime) -> None:
    """Forget those that began before a moment."""
    old = select(spans.c.id).where(spans.c.began_at < before).order_by(spans.c.began_at).limit(TRIM)

    async def work(conn: Connection) -> int:
        return (await conn.execute(delete(spans).where(spans.c.id.in_(old)))).rowcount

    while await db.write(lambda tx: work(tx.conn)):
        pass
