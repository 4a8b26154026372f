"""All tables. Rules that must hold whoever writes are constraints here, not checks in code."""

from __future__ import annotations

from bridge.store.call_tables import agent_sessions, calls
from bridge.store.columns import metadata
from bridge.store.event_tables import counters, duties, events, idempotency, settings, sink_cursors
from bridge.store.lead_tables import callbacks, dnc, leads, lists
from bridge.store.site_tables import (
    campaigns,
    dids,
    in_groups,
    pause_codes,
    phones,
    presets,
    statuses,
    trunks,
    user_groups,
    users,
)

__all__ = [
    "agent_sessions",
    "callbacks",
    "calls",
    "campaigns",
    "counters",
    "dids",
    "dnc",
    "duties",
    "events",
    "idempotency",
    "in_groups",
    "leads",
    "lists",
    "metadata",
    "pause_codes",
    "phones",
    "presets",
    "settings",
    "sink_cursors",
    "statuses",
    "trunks",
    "user_groups",
    "users",
]
