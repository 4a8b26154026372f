"""Reading what is on record of one number."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import case, func, select

from bridge.calls import verdicts
from bridge.calls.history import ABANDONED, MACHINES
from bridge.calls.model import CallKind
from bridge.calls.verdicts import Verdict
from bridge.consent import queries as consent_queries
from bridge.dnc import queries as list_queries
from bridge.evidence.model import Attempt, Drops, Evidence
from bridge.leads import queries as lead_queries
from bridge.leads.errors import InvalidLead
from bridge.leads.model import DncEntry
from bridge.leads.numbers import sought
from bridge.rules import DROP_SPAN, Refusal, normalise
from bridge.store.connection import Connection
from bridge.store.database import Database
from bridge.store.schema import calls

MOST: Final = 5000
"""Attempts that one answer holds."""
_FIELDS: Final = tuple(name for name in Attempt.__struct_fields__ if name not in {"call_id", "verdict"})


async def collect(db: Database, country: str, number: str, begin: datetime, end: datetime) -> Evidence:
    """All that there is of a number, from a moment on until before another.

    Raises:
        InvalidLead: it is no number, or there are more attempts than one answer holds.
    """
    read = normalise(number, "", country)
    if isinstance(read, Refusal):
        raise InvalidLead("number", read.why)
    async with db.read() as conn:
        attempts = await _attempts(conn, read.e164, begin, end)
        return Evidence(
            number=read.e164,
            begin=begin,
            end=end,
            made_at=datetime.now(UTC),
            consents=await consent_queries.of_number(conn, read.e164),
            attempts=attempts,
            entries=await _entries(conn, read.e164, country, {one.campaign for one in attempts}),
            versions=await list_queries.held(conn, begin, end, MOST),
            drops=[await _drops(conn, one, end) for one in sorted({one.campaign for one in attempts})],
        )


async def _attempts(conn: Connection, e164: str, begin: datetime, end: datetime) -> list[Attempt]:
    known = {one.call_id: one for one in await verdicts.of_number(conn, e164, begin, end, MOST + 1)}
    sent = select(calls.c.id).where(
        calls.c.e164 == e164, calls.c.asked_at >= begin, calls.c.asked_at < end, calls.c.sent_at.is_not(None)
    )
    ids = {*known, *(await conn.execute(sent.limit(MOST + 1))).scalars()}
    if len(ids) > MOST:
        raise InvalidLead("from", f"there are more than {MOST} calls to {e164}: ask for a shorter time")
    found = [one async for one in _calls(conn, sorted(ids), known)]
    return sorted(found, key=lambda one: one.asked_at)


async def _calls(conn: Connection, ids: list[str], known: dict[str, Verdict]) -> AsyncIterator[Attempt]:
    for begin in range(0, len(ids), 500):
        query = select(calls).where(calls.c.id.in_(ids[begin : begin + 500]))
        for row in await conn.execute(query):
            values = {name: getattr(row, name) for name in _FIELDS}
            yield Attempt(call_id=row.id, verdict=known.get(row.id), **values)


async def _entries(conn: Connection, e164: str, country: str, campaigns: Iterable[str]) -> list[DncEntry]:
    wanted, found = sought(e164, country), dict[tuple[str, ...], DncEntry]()
    for campaign in ("", *sorted(campaigns)):
        lists = await list_queries.holding(conn, campaign)
        hits = await lead_queries.dnc_hits(conn, wanted, campaign)
        for hit in (*hits, *await list_queries.hits(conn, wanted, lists)):
            found[hit.campaign, hit.list, hit.kind, hit.number] = hit
    return list(found.values())


async def _drops(conn: Connection, campaign: str, end: datetime) -> Drops:
    query = select(
        func.count().label("answered"),
        func.sum(case((calls.c.status.in_(sorted(ABANDONED)), 1), else_=0)).label("abandoned"),
    ).where(
        calls.c.kind == CallKind.AUTO.value,
        calls.c.answered_at.is_not(None),
        calls.c.campaign == campaign,
        calls.c.asked_at > end - DROP_SPAN,
        calls.c.asked_at < end,
        calls.c.status.not_in(sorted(MACHINES)),
    )
    row = (await conn.execute(query)).one()
    answered, abandoned = int(row.answered), int(row.abandoned or 0)
    percent = round(100 * abandoned / answered, 2) if answered else 0.0
    return Drops(campaign=campaign, answered=answered, abandoned=abandoned, percent=percent)


def whole_days(first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """From the beginning of one day until the end of another, in UTC."""
    return first.replace(tzinfo=UTC), last.replace(tzinfo=UTC) + timedelta(days=1)
