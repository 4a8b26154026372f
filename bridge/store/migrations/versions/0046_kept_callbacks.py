"""Callbacks that are done, and those that wait for their time.

Nobody is reminded of those that were due before: most were done long ago, when nothing said so.

Revision ID: 0046
Revises: 0045
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """Add the column and the index."""
    op.add_column("callbacks", sa.Column("done_call", types.Line(), nullable=False, server_default=""))
    found = sa.table("callbacks", sa.column("state", types.Line()), sa.column("due_at", types.Utc()))
    due = found.update().where(found.c.state == "ACTIVE", found.c.due_at <= datetime.now(UTC))
    op.execute(due.values(state="LIVE"))
    where = sa.text("state = 'ACTIVE' AND due_at IS NOT NULL")
    op.create_index(
        "ix_callbacks_waiting", "callbacks", ["due_at"], sqlite_where=where, postgresql_where=where
    )
