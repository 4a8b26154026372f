"""The event log, and what is kept besides."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from bridge.store.columns import metadata, moment, one_of, text
from bridge.store.types import BigInt, Json, Line

events = Table(
    "events",
    metadata,
    Column("seq", BigInt, primary_key=True, autoincrement=False),  # from `counters`: without a gap
    text("id"),
    text("type"),
    text("subject"),
    moment("time", needed=True),
    Column("data", Line, nullable=False),  # JSON text, the same bytes for every sink
    Index("ix_events_subject", "subject", "seq"),
)

counters = Table(
    "counters",
    metadata,
    text("name", key=True),
    Column("value", BigInt, nullable=False, server_default="0"),
)

sink_cursors = Table(
    "sink_cursors",
    metadata,
    text("sink", key=True),
    Column("seq", BigInt, nullable=False),
    moment("updated_at", needed=True),
)

idempotency = Table(
    "idempotency",
    metadata,
    text("scope", key=True),  # the principal: keys of different callers never meet
    text("key", key=True),
    text("fingerprint"),
    text("call_id"),  # of the call that the first request with the key makes
    Column("state", Line, nullable=False, server_default="running"),
    Column("status", Integer),
    Column("body", Line),
    moment("created_at", needed=True),
    moment("expires_at", needed=True),
    one_of("state", ("running", "done")),
    Index("ix_idempotency_expires_at", "expires_at"),
)

duties = Table(
    "duties",
    metadata,
    text("name", key=True),
    Column("term", BigInt, nullable=False),  # grows by one each time that a bridge takes the duty
    text("holder"),
    moment("since", needed=True),
)

settings = Table(
    "settings",
    metadata,
    text("key", key=True),
    Column("value", Json, nullable=False),
    moment("updated_at"),
)
