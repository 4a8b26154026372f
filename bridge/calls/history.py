"""What was dialled before, as the gate has to know it. Each query reads one range of one index."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Final, cast

from sqlalchemy import ColumnClause, Select, bindparam, case, func, literal_column, select

from bridge.calls.model import Call, CallKind
from bridge.calls.of_lead import OUTGOING
from bridge.campaigns.model import Campaign
from bridge.events.catalogue import CampaignDropLimit
from bridge.rules import DAY, DROP_SPAN, Attempt, Drops, Limits, Purpose
from bridge.store.connection import Connection
from bridge.store.exclusive import exclusive
from bridge.store.prepared import Prepared
from bridge.store.schema import calls, campaigns
from bridge.turn import Turn

ABANDONED: Final = frozenset({"DROP", "PDROP"})
"""Statuses of answered calls that found no agent."""
MACHINES: Final = frozenset({"AA", "AM", "AL", "AFAX", "A"})
"""Statuses of calls that no person has answered; one that is not known is a person."""
READ: Final = 1000
"""Attempts at one number that are looked at: more than any limit."""
KEPT_SECONDS: Final = 10.0
"""How long a campaign's counts are used again: an abandoned call of this process makes them new at once."""


def _said(statuses: Iterable[str]) -> list[ColumnClause[str]]:
    """As constants of the statement."""
    return [literal_column(f"'{status}'") for status in sorted(statuses)]


_ATTEMPTS = Prepared(
    select(calls.c.asked_at, calls.c.kind, calls.c.status, calls.c.network_status)
    .where(
        calls.c.e164 == bindparam("number"),
        calls.c.asked_at > bindparam("since"),
        calls.c.sent_at.is_not(None),
    )
    .order_by(calls.c.asked_at.desc())
    .limit(READ)
)
_AUTOMATIC = (calls.c.kind == literal_column("'V'"), calls.c.answered_at.is_not(None))
_COUNTS = select(
    func.count().label("answered"),
    func.sum(case((calls.c.status.in_(_said(ABANDONED)), 1), else_=0)).label("abandoned"),
).where(
    *_AUTOMATIC,
    calls.c.campaign == bindparam("of_campaign"),
    calls.c.asked_at > bindparam("since"),
    calls.c.status.not_in(_said(MACHINES)),
)
_DROPS = Prepared(cast("Select[Any]", _COUNTS))
_LIMIT = Prepared(select(campaigns.c.drop_limit).where(campaigns.c.id == bindparam("of_campaign")))


def limits_of(campaign: Campaign) -> Limits:
    """How often a campaign may call a number."""
    return Limits(
        per_day=campaign.attempts_per_day,
        per_week=campaign.attempts_per_week,
        lockout_hours=campaign.drop_lockout_hours,
    )


async def attempts(
    conn: Connection, number: str, limits: Limits, purpose: Purpose, now: datetime
) -> tuple[Attempt, ...]:
    """The calls of all campaigns to a number that matter; nobody else writes one until the transaction ends.

    Args:
        conn: of the transaction that writes the call.
        number: E.164.
        limits: of its campaign.
        purpose: of the call.
        now: its time.
    """
    if _matter(limits, purpose):
        await exclusive(conn, f"calls to {number}")
    return await attempts_seen(conn, number, limits, purpose, now)


async def attempts_seen(
    conn: Connection, number: str, limits: Limits, purpose: Purpose, now: datetime
) -> tuple[Attempt, ...]:
    """The same for who writes no call: another may be written meanwhile."""
    if not _matter(limits, purpose):
        return ()
    rows = await conn.execute(_ATTEMPTS, {"number": number, "since": now - limits.span(purpose)})
    return tuple(
        Attempt(at=row.asked_at, abandoned=not ABANDONED.isdisjoint((row.status, row.network_status)))
        for row in rows
        if CallKind(row.kind) in OUTGOING
    )


def _matter(limits: Limits, purpose: Purpose) -> bool:
    return purpose in (Purpose.MANUAL, Purpose.AUTO) and bool(limits.span(purpose))


async def drops(conn: Connection, campaign: str, now: datetime, span: timedelta = DROP_SPAN) -> Drops:
    """What a campaign has abandoned within a time."""
    row = (await conn.execute(_DROPS, {"of_campaign": campaign, "since": now - span})).one()
    return Drops(answered=row.answered, abandoned=int(row.abandoned or 0))


class DropCounts:
    """The counts of each campaign, not counted anew for each of its dials."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Drops]] = {}

    async def of(self, conn: Connection, campaign: str, now: datetime) -> Drops:
        """Those of 30 days, `KEPT_SECONDS` old at most."""
        until, known = self._known.get(campaign, (0.0, Drops()))
        if monotonic() >= until:
            known = await drops(conn, campaign, now)
            self._known[campaign] = (monotonic() + KEPT_SECONDS, known)
        return known

    async def disposed(self, turn: Turn, call: Call) -> None:
        """Say so if this abandoned call is the one by which its campaign reaches its limit."""
        if call.kind is not CallKind.AUTO or call.status not in ABANDONED or call.answered_at is None:
            return
        turn.tx.after_commit(partial(self._known.pop, call.campaign, None))
        limit = (await turn.tx.conn.execute(_LIMIT, {"of_campaign": call.campaign})).scalar()
        month = await drops(turn.tx.conn, call.campaign, turn.at)
        before = Drops(answered=month.answered, abandoned=month.abandoned - 1)
        if limit is None or before.reached(limit) or not month.reached(limit):
            return
        day = await drops(turn.tx.conn, call.campaign, turn.at, DAY)
        told = CampaignDropLimit(
            campaign=call.campaign,
            answered=month.answered,
            abandoned=month.abandoned,
            percent=round(month.share, 2),
            percent_of_day=round(day.share, 2),
            limit=limit,
        )
        turn.tx.emit(told)
