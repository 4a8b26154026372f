"""The SQL of the reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from bridge.calls.model import REFUSED, CallKind
from bridge.store.connection import Connection
from bridge.store.schema import calls

_NOT_HERS: Final = (CallKind.THREE_WAY, CallKind.BLIND, CallKind.LEFT)
"""Kinds that an agent makes of, or beside, the call that she has."""


async def calls_since(conn: Connection, users: Collection[str], since: datetime) -> Mapping[str, int]:
    """How many calls agents have had since then, by `ix_calls_user`."""
    query = (
        select(calls.c.user, func.count().label("had"))
        .where(
            calls.c.user.in_(users),
            calls.c.asked_at >= since,
            calls.c.kind.not_in(_NOT_HERS),
            calls.c.end_reason != REFUSED,
        )
        .group_by(calls.c.user)
    )
    return {row.user: int(row.had) for row in await conn.execute(query)}
