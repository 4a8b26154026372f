"""The number that was called, and indexes of the reports.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add the column and the indexes."""
    op.add_column("calls", sa.Column("did", types.Line(), nullable=False, server_default=""))
    op.drop_index("ix_calls_number", "calls")
    op.create_index("ix_calls_number", "calls", ["number", "asked_at"])
    for name, where in (("campaign", "kind <> 'TW'"), ("queue", "queue <> ''"), ("did", "did <> ''")):
        said = sa.text(where)
        op.create_index(
            f"ix_calls_{name}", "calls", [name, "asked_at"], sqlite_where=said, postgresql_where=said
        )
    op.create_index("ix_recordings_started_at", "recordings", ["started_at"])
    op.create_index("ix_recordings_user", "recordings", ["user", "started_at"])
