"""Agents' consoles: their passwords, the sessions of their pages, links that log in once.

Revision ID: 0050
Revises: 0049
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "console_passwords",
        sa.Column("user", types.Line(), nullable=False),
        sa.Column("hash", types.Line(), nullable=False, server_default=""),
        sa.Column("set_at", types.Utc(), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_console_passwords")),
    )
    op.create_table(
        "console_sessions",
        sa.Column("id", types.Line(), nullable=False),
        sa.Column("user", types.Line(), nullable=False, server_default=""),
        sa.Column("digest", types.Line(), nullable=False),
        sa.Column("made_at", types.Utc(), nullable=False),
        sa.Column("ends_at", types.Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_sessions")),
    )
    op.create_index("ix_console_sessions_user", "console_sessions", ["user"])
    op.create_index("uq_console_sessions_digest", "console_sessions", ["digest"], unique=True)
    op.create_table(
        "console_links",
        sa.Column("digest", types.Line(), nullable=False),
        sa.Column("user", types.Line(), nullable=False, server_default=""),
        sa.Column("ends_at", types.Utc(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_console_links")),
    )
    op.create_index("ix_console_links_user", "console_links", ["user"])
