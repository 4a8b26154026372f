"""Who asked for what, and when each user's functions were used last."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, Index, Table

from bridge.store.columns import count, metadata, moment, one_of, text
from bridge.store.types import Json, Line

audit = Table(
    "audit",
    metadata,
    text("id", key=True),  # of the request, a UUIDv7: rows are in the order of time
    moment("time", needed=True),
    text("user"),
    text("key"),
    text("address"),
    text("function"),
    text("target"),
    Column("result", Line, nullable=False),
    text("reason"),
    count("status"),
    Column("milliseconds", Float, nullable=False, server_default="0"),
    Column("events", Json, nullable=False, server_default="[]"),
    one_of("result", ("ok", "refused", "failed")),
    CheckConstraint("id <> ''", name="id"),
    Index("ix_audit_user", "user", "id"),
    sqlite_with_rowid=False,
)
"""Append-only: triggers of the migration refuse any change, and a deletion before its time."""

function_use = Table(
    "function_use",
    metadata,
    text("user", key=True),
    text("function", key=True),
    moment("used_at", needed=True),
    text("address"),
)
"""When a user used a function of its list last, to the minute, and from where."""
