"""What pacing is told about a campaign, read from the store at one moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, select

from bridge.agents.model import AgentState
from bridge.calls.model import AnsweredBy, CallKind, CallState
from bridge.campaigns.model import Campaign
from bridge.dialer.chances import Rate
from bridge.dialer.pacing_model import Figures
from bridge.dialer.shift import share_over
from bridge.rules import Drops
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import agent_sessions as sessions
from bridge.store.schema import calls

UNLIMITED: Final = 100_000
"""Lines of a trunk without a limit."""
LEAST_TARGET: Final = 0.0001
"""In place of 0: no drop can be afforded then."""

_AGENTS = Prepared(
    select(sessions.c.state, sessions.c.state_since).where(
        sessions.c.logged_out_at.is_(None),
        sessions.c.asterisk == bindparam("on_asterisk"),
        sessions.c.campaign == bindparam("of_campaign"),
        sessions.c.blended.is_(True),
        sessions.c.on_hook.is_(False),
    )
)
_WITHOUT_AGENT = Prepared(
    select(calls.c.state, calls.c.asked_at).where(
        calls.c.disposed_at.is_(None),
        calls.c.asterisk == bindparam("on_asterisk"),
        calls.c.campaign == bindparam("of_campaign"),
        calls.c.kind == CallKind.AUTO.value,
        calls.c.session_id == "",
        calls.c.answered_by != AnsweredBy.MACHINE.value,
        calls.c.ended_at.is_(None),
    )
)
_ON_TRUNK = Prepared(
    select(func.count()).where(
        calls.c.disposed_at.is_(None),
        calls.c.asterisk == bindparam("on_asterisk"),
        calls.c.trunk == bindparam("on_trunk"),
        calls.c.ended_at.is_(None),
    )
)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Where a campaign's calls go out."""

    asterisk: str
    trunk: str
    max_calls: int
    """0: no limit."""


async def read(  # noqa: PLR0913 - the facts that are not in its rows
    conn: Connection,
    campaign: Campaign,
    way: Way,
    now: datetime,
    *,
    zone: tzinfo,
    drops: Drops,
    may_start: int,
) -> Figures:
    """The figures of a campaign.

    Args:
        conn: any.
        campaign: as it is set up now.
        way: where its calls go out: agents of another Asterisk cannot be given them.
        now: the present time.
        zone: of the site, on whose clock shifts are.
        drops: answered and abandoned calls of the campaign, as the gate counts them.
        may_start: calls that may still be placed in this second.
    """
    at = {"on_asterisk": way.asterisk, "of_campaign": campaign.id}
    agents = list(await conn.execute(_AGENTS, at))
    under_way = list(await conn.execute(_WITHOUT_AGENT, at))
    return Figures(
        method=campaign.dial_method,
        dial_level=campaign.dial_level,
        max_level=campaign.max_dial_level,
        ready=sum(row.state == AgentState.READY for row in agents),
        waiting=sum(row.state == CallState.ANSWERED for row in under_way),
        talking=_ages(now, agents, AgentState.INCALL),
        wrapping=_ages(now, agents, AgentState.WRAPUP),
        dialling=tuple(_age(now, row.asked_at) for row in under_way if row.state != CallState.ANSWERED),
        dropped=Rate(drops.abandoned, drops.answered),
        target=min(max(campaign.drop_limit / 100, LEAST_TARGET), 1 - LEAST_TARGET),
        patience=campaign.drop_seconds,
        lines_free=await _lines_free(conn, way),
        may_start=may_start,
        shift=share_over(campaign.shift, now, zone),
    )


async def _lines_free(conn: Connection, way: Way) -> int:
    if not way.max_calls:
        return UNLIMITED
    up = await conn.execute(_ON_TRUNK, {"on_asterisk": way.asterisk, "on_trunk": way.trunk})
    return max(way.max_calls - int(up.scalar_one()), 0)


def _ages(now: datetime, agents: Iterable[Any], state: AgentState) -> tuple[float, ...]:
    return tuple(_age(now, row.state_since) for row in agents if row.state == state)


def _age(now: datetime, since: datetime) -> float:
    """Seconds since then; none if the clock was set back."""
    return max((now - since).total_seconds(), 0.0)
