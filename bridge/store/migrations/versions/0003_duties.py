"""Duties of several bridges.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "duties",
        sa.Column("name", types.Line(), nullable=False),
        sa.Column("term", types.BigInt, nullable=False),
        sa.Column("holder", types.Line(), nullable=False, server_default=""),
        sa.Column("since", types.Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_duties")),
    )
