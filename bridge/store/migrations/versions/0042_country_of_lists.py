"""The country in which the numbers of a list are read.

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """Add the column."""
    op.add_column("lists", sa.Column("country", types.Line(), nullable=False, server_default=""))
