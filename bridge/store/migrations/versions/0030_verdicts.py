"""What the gate has said of each call.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0030"
down_revision = "0029"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, types.Line(), nullable=False, server_default="") for name in names]


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "verdicts",
        sa.Column("call_id", types.Line(), nullable=False),
        sa.Column("at", types.Utc(), nullable=False),
        *_text("e164", "campaign", "purpose", "rule", "why", "source"),
        sa.Column("allowed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("grounds", types.Json(), nullable=False, server_default="[]"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_verdicts")),
    )
    op.create_index("ix_verdicts_e164", "verdicts", ["e164", "at"])
