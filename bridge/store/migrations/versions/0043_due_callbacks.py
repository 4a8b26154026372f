"""Callbacks by the time at which they are due, whatever their campaign.

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_callbacks_due_at", "callbacks", ["due_at", "call_id"])
