"""Hours in which customers may be called.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "call_times",
        sa.Column("name", types.Line(), nullable=False),
        *(
            sa.Column(name, types.Line(), nullable=False, server_default="")
            for name in ("title", "hours", "source", "checked")
        ),
        *(
            sa.Column(name, types.Json(), nullable=False, server_default="{}")
            for name in ("days", "holidays", "states")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_call_times")),
    )
