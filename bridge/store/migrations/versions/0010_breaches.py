"""Calls by who has asked for them; numbers that an API user has asked for and may not call.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add them."""
    left, open_ones = sa.text("sent_at IS NOT NULL"), sa.text("disposed_at IS NULL")
    op.create_index(
        "ix_calls_asked_by", "calls", ["asked_by", "asked_at"], sqlite_where=left, postgresql_where=left
    )
    op.create_index(
        "ix_calls_open_asked_by", "calls", ["asked_by"], sqlite_where=open_ones, postgresql_where=open_ones
    )
    op.create_table(
        "breaches",
        sa.Column("id", types.BigInt, autoincrement=True, nullable=False),
        *(
            sa.Column(name, types.Line(), nullable=False, server_default="")
            for name in ("user", "rule", "number")
        ),
        sa.Column("at", types.Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaches")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_breaches_user", "breaches", ["user", "at"])
