"""What customers have agreed to.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0029"
down_revision = "0028"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, types.Line(), nullable=False, server_default="") for name in names]


def upgrade() -> None:
    """Add the table, and what campaigns demand."""
    op.add_column("campaigns", sa.Column("consent", types.Line(), nullable=False, server_default=""))
    op.create_table(
        "consents",
        sa.Column("id", types.BigInt, nullable=False, autoincrement=True),
        sa.Column("lead_id", types.BigInt, nullable=False),
        *_text("e164", "purpose", "source", "shown", "given_by", "recorded_by", "revoked_how", "revoked_by"),
        sa.Column("given_at", types.Utc(), nullable=False),
        sa.Column("recorded_at", types.Utc(), nullable=False),
        sa.Column("revoked_at", types.Utc()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_consents_e164", "consents", ["e164"])
    op.create_index("ix_consents_lead_id", "consents", ["lead_id"])
