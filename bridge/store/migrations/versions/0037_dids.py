"""What the line format says of DIDs.

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Add the column."""
    op.add_column("dids", sa.Column("line_settings", types.Json(), nullable=False, server_default="{}"))
