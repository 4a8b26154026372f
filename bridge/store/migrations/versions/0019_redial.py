"""Leads that are called again: recycled, by another number, and not too often.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the columns and the index."""
    for name, kind, default in (
        ("recycle", types.Json(), "[]"),
        ("auto_alt_dial", types.Line(), "NONE"),
        ("auto_alt_dial_statuses", types.Json(), '["AB","ADC","B","DC","N","NA"]'),
        ("call_count_limit", sa.Integer(), "0"),
    ):
        op.add_column("campaigns", sa.Column(name, kind, nullable=False, server_default=default))
    where = sa.text("status = 'HOLD' AND source = 'S'")
    op.create_index(
        "ix_hopper_held_of_lists", "hopper", ["campaign"], sqlite_where=where, postgresql_where=where
    )
