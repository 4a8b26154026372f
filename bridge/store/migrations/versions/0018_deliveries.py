"""Addresses of the CRM, and what became of each call of them.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0018"
down_revision = "0017"

_TEXTS = ("source", "kind", "once", "subject", "call_id", "host", "url", "shown", "error")


def upgrade() -> None:
    """Add the columns and the table."""
    for table in ("campaigns", "in_groups", "lists"):
        for name in ("start_call_url", "dispo_call_url", "no_agent_call_url", "add_lead_url"):
            op.add_column(table, sa.Column(name, types.Line(), nullable=False, server_default=""))
    op.create_table(
        "deliveries",
        sa.Column("id", types.Line(), nullable=False),
        *(sa.Column(name, types.Line(), nullable=False, server_default="") for name in _TEXTS),
        sa.Column("event_seq", types.BigInt, nullable=False),
        sa.Column("lead_id", types.BigInt),
        sa.Column("state", types.Line(), nullable=False, server_default="pending"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("made_at", types.Utc(), nullable=False),
        sa.Column("next_at", types.Utc()),
        sa.Column("give_up_at", types.Utc(), nullable=False),
        sa.Column("tried_at", types.Utc()),
        sa.Column("settled_at", types.Utc()),
        sa.Column("status", sa.Integer()),
        sa.CheckConstraint("state IN ('pending', 'done', 'failed')", name=op.f("ck_deliveries_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("source", "once", name=op.f("uq_deliveries_source_once")),
    )
    op.create_index("ix_deliveries_call_id", "deliveries", ["call_id"])
    op.create_index("ix_deliveries_made_at", "deliveries", ["made_at"])
    op.create_index("ix_deliveries_state", "deliveries", ["state", "id"])
    waits = sa.text("state = 'pending'")
    for name, columns in (("due", ["next_at", "host"]), ("order", ["subject", "event_seq", "id"])):
        op.create_index(
            f"ix_deliveries_{name}", "deliveries", columns, sqlite_where=waits, postgresql_where=waits
        )
