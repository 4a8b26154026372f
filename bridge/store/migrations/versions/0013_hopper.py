"""The hopper, its level, and the limits of trunks.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table and the columns."""
    columns = (
        ("campaigns", sa.Column("hopper_level", sa.Integer(), nullable=False, server_default="100")),
        ("trunks", sa.Column("max_calls", sa.Integer(), nullable=False, server_default="0")),
        ("trunks", sa.Column("calls_per_second", sa.Float(), nullable=False, server_default="5")),
    )
    for table, column in columns:
        op.add_column(table, column)
    op.create_table(
        "hopper",
        sa.Column("id", types.BigInt, autoincrement=True, nullable=False),
        sa.Column("lead_id", types.BigInt, nullable=False),
        sa.Column("campaign", types.Line(), nullable=False, server_default=""),
        sa.Column("list_id", types.BigInt, nullable=False),
        sa.Column("status", types.Line(), nullable=False, server_default="READY"),
        sa.Column("user", types.Line(), nullable=False, server_default=""),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("source", types.Line(), nullable=False, server_default="S"),
        sa.Column("alt", types.Line(), nullable=False, server_default=""),
        sa.Column("due_at", types.Utc()),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("taken_at", types.Utc()),
        sa.CheckConstraint("status IN ('READY', 'QUEUE', 'HOLD')", name=op.f("ck_hopper_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hopper")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_hopper_lead_id")),
        sqlite_autoincrement=True,
    )
    order: list[str | sa.TextClause] = ["campaign", "status", sa.text("priority DESC"), "id"]
    op.create_index("ix_hopper_next", "hopper", order)
    held = sa.text("status = 'HOLD'")
    op.create_index(
        "ix_hopper_held", "hopper", ["campaign", "due_at"], sqlite_where=held, postgresql_where=held
    )
