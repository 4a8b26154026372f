"""Files of leads that are sent over HTTP.

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0036"
down_revision = "0035"

_TEXTS = ("name", "by", "bridge", "state", "why", "import_id")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "uploads",
        sa.Column("id", types.Line(), nullable=False),
        *(sa.Column(name, types.Line(), nullable=False, server_default="") for name in _TEXTS),
        *(
            sa.Column(name, types.BigInt, nullable=False, server_default="0")
            for name in ("size", "received", "list_id")
        ),
        sa.Column("plan", types.Json(), nullable=False, server_default="{}"),
        sa.Column("titles", types.Json(), nullable=False, server_default="[]"),
        sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()),
        *(sa.Column(name, types.Utc(), nullable=False) for name in ("created_at", "changed_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_bridge_state", "uploads", ["bridge", "state"])
    op.create_index("ix_uploads_by_state", "uploads", ["by", "state"])
