"""Addresses that are told of events.

Revision ID: 0044
Revises: 0043
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Add the table."""
    texts: list[sa.Column[str]] = [
        sa.Column(name, types.Line(), nullable=False, server_default="")
        for name in ("title", "url", "campaign")
    ]
    op.create_table(
        "webhooks",
        sa.Column("name", types.Line(), nullable=False),
        *texts,
        sa.Column("types", types.Json(), nullable=False, server_default="[]"),
        sa.Column("personal", types.Line(), nullable=False, server_default="last_four"),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("generation", sa.Integer(), nullable=False, server_default="1"),
        sa.CheckConstraint(
            "personal IN ('last_four', 'full', 'hash', 'none')", name=op.f("ck_webhooks_personal")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhooks")),
    )
