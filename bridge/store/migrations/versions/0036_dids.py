"""What the line format says of DIDs.

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Add the column."""
    op.add_column("dids", sa.Column("line_settings", types.Json(), nullable=False, server_default="{}"))
