"""What the gate has said of each call: written with it, kept as long as it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, bindparam, delete, insert, select

from bridge.calls.model import Call
from bridge.calls.signals import Forbid
from bridge.rules import Ground, Permit
from bridge.store.connection import Connection
from bridge.store.database import Database
from bridge.store.prepared import Prepared
from bridge.store.schema import calls, verdicts

TRIM: Final = 500
"""Calls that one transaction removes."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate has said of one call."""

    call_id: str
    at: datetime
    e164: str
    campaign: str
    purpose: str = ""
    """Of a call that was allowed: why it was dialled."""
    allowed: bool
    rule: str = ""
    """That has refused it."""
    why: str = ""
    source: str = ""
    grounds: tuple[Ground, ...] = ()
    """Of a call that was allowed: what each rule has found."""


_INSERT = Prepared(insert(verdicts), Verdict.__struct_fields__)
_OF_CALL = Prepared(select(verdicts).where(verdicts.c.call_id == bindparam("of_call")))


async def allowed(conn: Connection, call: Call, permit: Permit, at: datetime) -> None:
    """Write down why a call may be dialled."""
    found = Verdict(
        call_id=call.id,
        at=at,
        e164=call.e164,
        campaign=call.campaign,
        purpose=permit.purpose,
        allowed=True,
        grounds=permit.grounds,
    )
    await _add(conn, found)


async def refused(conn: Connection, call: Call, forbid: Forbid) -> None:
    """Write down why a call is not dialled."""
    found = Verdict(
        call_id=call.id,
        at=forbid.at,
        e164=call.e164,
        campaign=call.campaign,
        allowed=False,
        rule=forbid.rule,
        why=forbid.why,
        source=forbid.source,
    )
    await _add(conn, found)


async def _add(conn: Connection, verdict: Verdict) -> None:
    values = {name: getattr(verdict, name) for name in Verdict.__struct_fields__}
    await conn.execute(_INSERT, values | {"grounds": msgspec.to_builtins(verdict.grounds)})


async def of_call(conn: Connection, call_id: str) -> Verdict | None:
    """That of one call."""
    row = (await conn.execute(_OF_CALL, {"of_call": call_id})).first()
    return None if row is None else _verdict(row)


async def of_number(
    conn: Connection, e164: str, begin: datetime, end: datetime, limit: int
) -> Sequence[Verdict]:
    """Those of the calls to a number within a time, the oldest first."""
    query = (
        select(verdicts)
        .where(verdicts.c.e164 == e164, verdicts.c.at >= begin, verdicts.c.at < end)
        .order_by(verdicts.c.at)
        .limit(limit)
    )
    return [_verdict(row) for row in await conn.execute(query)]


async def trim(db: Database, before: datetime) -> None:
    """Forget calls that were asked for before a moment, with what the gate has said of them."""

    async def work(conn: Connection) -> int:
        old = (
            select(calls.c.id)
            .where(calls.c.asked_at < before, calls.c.disposed_at.is_not(None))
            .order_by(calls.c.asked_at)
            .limit(TRIM)
        )
        ids = list((await conn.execute(old)).scalars())
        if ids:
            await conn.execute(delete(verdicts).where(verdicts.c.call_id.in_(ids)))
            await conn.execute(delete(calls).where(calls.c.id.in_(ids)))
        return len(ids)

    while await db.write(lambda tx: work(tx.conn)):
        pass


def _verdict(row: Row[Any]) -> Verdict:
    values = {name: getattr(row, name) for name in Verdict.__struct_fields__}
    return Verdict(**values | {"grounds": tuple(msgspec.convert(row.grounds, list[Ground]))})
