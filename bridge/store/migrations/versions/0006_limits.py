"""Limits of users, and why one was stopped.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add both: who is there has no limits of its own and is not stopped."""
    op.add_column("users", sa.Column("limits", types.Json(), nullable=False, server_default="{}"))
    op.add_column("users", sa.Column("stopped", types.Line(), nullable=False, server_default=""))
