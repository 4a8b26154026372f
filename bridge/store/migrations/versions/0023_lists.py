"""What the line format sets of lists and campaigns, and when a list was changed, called and reset.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the columns."""
    for name in ("description", "caller_id"):
        op.add_column("lists", sa.Column(name, types.Line(), nullable=False, server_default=""))
    for name in ("expires_at", "changed_at", "called_at", "reset_at"):
        op.add_column("lists", sa.Column(name, types.Utc()))
    op.add_column("lists", sa.Column("resets", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("campaigns", sa.Column("max_dial_level", sa.Float(), nullable=False, server_default="3"))
    for table, name in (
        ("lists", "line_settings"),
        ("campaigns", "line_settings"),
        ("campaigns", "preset_options"),
    ):
        op.add_column(table, sa.Column(name, types.Json(), nullable=False, server_default="{}"))
