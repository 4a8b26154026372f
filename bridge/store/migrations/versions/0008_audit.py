"""The audit trail, which can only grow, and when users' functions were used last.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0008"
down_revision = "0007"

_DAYS = "SELECT CAST(value AS {}) FROM settings WHERE key = 'audit.retention_days'"
_ON_SQLITE = (
    """
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    f"""
    CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
    WHEN julianday('now') - julianday(OLD.time) < coalesce(({_DAYS.format("REAL")}), 365)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
)
_ON_POSTGRESQL = (
    f"""
    CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND now() - OLD."time"
            >= coalesce(({_DAYS.format("double precision")}), 365) * interval '1 day'
        THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()
    """,
)


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, types.Line(), nullable=False, server_default="") for name in names]


def upgrade() -> None:
    """Add both, and what guards the first."""
    op.create_table(
        "audit",
        sa.Column("id", types.Line(), nullable=False),
        sa.Column("time", types.Utc(), nullable=False),
        *_text("user", "key", "address", "function", "target"),
        sa.Column("result", types.Line(), nullable=False),
        *_text("reason"),
        sa.Column("status", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("milliseconds", sa.Float(), nullable=False, server_default="0"),
        sa.Column("events", types.Json(), nullable=False, server_default="[]"),
        sa.CheckConstraint("result IN ('ok', 'refused', 'failed')", name=op.f("ck_audit_result")),
        sa.CheckConstraint("id <> ''", name=op.f("ck_audit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audit_user", "audit", ["user", "id"])
    op.create_table(
        "function_use",
        sa.Column("user", types.Line(), nullable=False),
        sa.Column("function", types.Line(), nullable=False),
        sa.Column("used_at", types.Utc(), nullable=False),
        *_text("address"),
        sa.PrimaryKeyConstraint("user", "function", name=op.f("pk_function_use")),
    )
    for statement in _ON_SQLITE if op.get_bind().dialect.name == "sqlite" else _ON_POSTGRESQL:
        op.execute(statement)
