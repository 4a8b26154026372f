"""Keys of API users.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "api_keys",
        sa.Column("id", types.Line(), nullable=False),
        sa.Column("user", types.Line(), nullable=False, server_default=""),
        sa.Column("name", types.Line(), nullable=False, server_default=""),
        sa.Column("digest", types.Line(), nullable=False),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("expires_at", types.Utc()),
        sa.Column("revoked_at", types.Utc()),
        sa.Column("last_used_at", types.Utc()),
        sa.Column("last_used_from", types.Line(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_index("ix_api_keys_user", "api_keys", ["user"])
    op.create_index("uq_api_keys_digest", "api_keys", ["digest"], unique=True)
