"""When a campaign's agents work.

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Add the column; the hours are those of the tapered method's usual day."""
    op.add_column("campaigns", sa.Column("shift", types.Line(), nullable=False, server_default="09:00-21:00"))
