"""Attempts at a number, and what campaigns abandon.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns and the indexes."""
    for column in (
        sa.Column("attempts_per_day", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("attempts_per_week", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("drop_limit", sa.Float(), nullable=False, server_default="3"),
        sa.Column("drop_lockout_hours", sa.Integer(), nullable=False, server_default="72"),
    ):
        op.add_column("campaigns", column)
    for name, columns, condition in (
        ("ix_calls_e164", ["e164", "asked_at"], "sent_at IS NOT NULL"),
        ("ix_calls_drops", ["campaign", "asked_at", "status"], "kind = 'V' AND answered_at IS NOT NULL"),
    ):
        where = sa.text(condition)
        op.create_index(name, "calls", columns, sqlite_where=where, postgresql_where=where)
