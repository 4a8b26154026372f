"""What the line format says of phones, and names for several of them.

Revision ID: 0025
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0025"
down_revision = "0023"


def upgrade() -> None:
    """Add the columns and the table."""
    for name in ("extension", "voicemail"):
        op.add_column("phones", sa.Column(name, types.Line(), nullable=False, server_default=""))
    op.add_column("phones", sa.Column("line_settings", types.Json(), nullable=False, server_default="{}"))
    op.create_index("ix_phones_extension", "phones", ["extension"])
    op.create_table(
        "phone_aliases",
        sa.Column("name", types.Line(), nullable=False),
        sa.Column("title", types.Line(), nullable=False, server_default=""),
        sa.Column("logins", types.Json(), nullable=False, server_default="[]"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_phone_aliases")),
    )
