"""What agents have done from when to when.

Revision ID: 0034
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0034"
down_revision = "0031"

_STATES = "'connecting', 'paused', 'ready', 'offered', 'dialing', 'incall', 'wrapup', 'logged_out'"


def upgrade() -> None:
    """Add the table, and since when a pause has its code."""
    op.add_column("agent_sessions", sa.Column("code_since", types.Utc()))
    texts = ("session_id", "user", "campaign", "group", "state", "pause_reason", "call_id")
    op.create_table(
        "agent_spans",
        sa.Column("id", types.BigInt, autoincrement=True, nullable=False),
        *(sa.Column(name, types.Line(), nullable=False, server_default="") for name in texts),
        sa.Column("began_at", types.Utc(), nullable=False),
        sa.Column("ended_at", types.Utc(), nullable=False),
        sa.Column("milliseconds", types.BigInt, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_spans")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_agent_spans_state")),
    )
    op.create_index("ix_agent_spans_began_at", "agent_spans", ["began_at"])
    op.create_index("ix_agent_spans_user", "agent_spans", ["user", "began_at"])
