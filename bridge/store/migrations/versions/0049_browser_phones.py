"""Phones that are browsers, and the SIP secrets that their pages are told.

Revision ID: 0049
Revises: 0046
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0049"
down_revision = "0046"


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("phones", sa.Column("browser", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "phone_secrets",
        sa.Column("login", types.Line(), primary_key=True),
        sa.Column("secret", types.Line(), nullable=False, server_default=""),
        sa.Column("changed_at", types.Utc(), nullable=False),
    )
