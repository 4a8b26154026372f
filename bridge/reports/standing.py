"""How campaigns stand: what is ready to be dialled, and what was abandoned."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from bridge.calls.history import DropCounts
from bridge.dialer import queries as hopper_queries
from bridge.dialer.model import HopperStatus
from bridge.rules import Drops
from bridge.store.connection import Connection


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Of one campaign."""

    ready: int
    """Leads of its hopper that may be dialled now."""
    held: int
    """Those that wait for their hour."""
    drops: Drops
    """Automatic calls of 30 days, as the gate counts them."""


async def standing(
    conn: Connection, campaigns: Collection[str], counts: DropCounts, now: datetime
) -> Mapping[str, Standing]:
    """How these campaigns stand, by id.

    Args:
        conn: any.
        campaigns: their ids.
        counts: of drops, some seconds old at most.
        now: the present time.
    """
    leads = await hopper_queries.counts(conn, campaigns)
    return {
        name: Standing(
            ready=leads.get((name, HopperStatus.READY), 0),
            held=leads.get((name, HopperStatus.HOLD), 0),
            drops=await counts.of(conn, name, now),
        )
        for name in campaigns
    }
