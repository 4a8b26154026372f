"""The site's own numbers.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the table; the service fills it, which knows the country in which caller ids are read."""
    op.create_table(
        "own_numbers",
        sa.Column("number", types.Line(), nullable=False),
        sa.Column("name", types.Line(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_own_numbers")),
    )
