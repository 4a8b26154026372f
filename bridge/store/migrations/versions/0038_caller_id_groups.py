"""Numbers that are shown by the area of whom is called.

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Add the tables, and the column that names a group."""
    op.create_table(
        "caller_id_groups",
        sa.Column("name", types.Line(), nullable=False),
        sa.Column("title", types.Line(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_caller_id_groups")),
    )
    op.create_table(
        "caller_id_entries",
        sa.Column("group", types.Line(), nullable=False),
        sa.Column("area", types.Line(), nullable=False),
        sa.Column("number", types.Line(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("description", types.Line(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("group", "area", "number", name=op.f("pk_caller_id_entries")),
    )
    op.add_column("campaigns", sa.Column("caller_id_group", types.Line(), nullable=False, server_default=""))
