"""All tables. Rules that must hold whoever writes are constraints here, not checks in code."""

from __future__ import annotations

from bridge.store.audit_tables import audit, function_use
from bridge.store.call_tables import (
    agent_screens,
    agent_sessions,
    calls,
    manual_dials,
    notifications,
    recordings,
)
from bridge.store.columns import metadata
from bridge.store.delivery_tables import deliveries
from bridge.store.event_tables import counters, duties, events, idempotency, settings, sink_cursors
from bridge.store.hopper_tables import dialer_words, hopper
from bridge.store.intake_tables import intake_keys, intake_posts, intake_tokens
from bridge.store.lead_tables import (
    alt_numbers,
    archived_leads,
    callbacks,
    dnc,
    filter_groups,
    filter_numbers,
    import_refusals,
    imports,
    leads,
    lists,
)
from bridge.store.site_tables import (
    api_keys,
    breaches,
    call_times,
    campaigns,
    dids,
    group_aliases,
    in_groups,
    login_failures,
    own_numbers,
    pause_codes,
    phones,
    presets,
    statuses,
    trunks,
    user_groups,
    users,
)

__all__ = [
    "agent_screens",
    "agent_sessions",
    "alt_numbers",
    "api_keys",
    "archived_leads",
    "audit",
    "breaches",
    "call_times",
    "callbacks",
    "calls",
    "campaigns",
    "counters",
    "deliveries",
    "dialer_words",
    "dids",
    "dnc",
    "duties",
    "events",
    "filter_groups",
    "filter_numbers",
    "function_use",
    "group_aliases",
    "hopper",
    "idempotency",
    "import_refusals",
    "imports",
    "in_groups",
    "intake_keys",
    "intake_posts",
    "intake_tokens",
    "leads",
    "lists",
    "login_failures",
    "manual_dials",
    "metadata",
    "notifications",
    "own_numbers",
    "pause_codes",
    "phones",
    "presets",
    "recordings",
    "settings",
    "sink_cursors",
    "statuses",
    "trunks",
    "user_groups",
    "users",
]
