"""Callbacks; one open session for each phone; open calls found by their channel.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "callbacks",
        sa.Column("call_id", types.Line(), nullable=False),
        sa.Column("lead_id", types.BigInt),
        *(
            sa.Column(name, types.Line(), nullable=False, server_default="")
            for name in ("campaign", "user", "status", "asked")
        ),
        sa.Column("due_at", types.Utc()),
        sa.Column("comments", types.Line(), nullable=False, server_default=""),
        sa.Column("made_at", types.Utc(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_callbacks")),
    )
    op.create_index("ix_callbacks_lead_id", "callbacks", ["lead_id"])
    op.create_index("ix_callbacks_campaign", "callbacks", ["campaign", "due_at"])
    undisposed = sa.text("disposed_at IS NULL")
    op.create_index(
        "ix_calls_open_channel", "calls", ["channel"], sqlite_where=undisposed, postgresql_where=undisposed
    )
    is_open = sa.text("logged_out_at IS NULL")
    op.create_index(
        "uq_agent_sessions_open_phone",
        "agent_sessions",
        ["phone"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
