"""Alternate addresses of campaigns.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Add the column."""
    op.add_column("campaigns", sa.Column("alt_urls", types.Json(), nullable=False, server_default="[]"))
