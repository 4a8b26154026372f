"""What the dialler says of each campaign.

Revision ID: 0022
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0022"
down_revision = "0019"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "dialer_words",
        *(sa.Column(name, types.Line(), nullable=False) for name in ("asterisk", "campaign")),
        *(
            sa.Column(name, types.Line(), nullable=False, server_default="")
            for name in ("bridge", "cause", "why")
        ),
        sa.Column("until", types.Utc()),
        sa.Column("at", types.Utc(), nullable=False),
        sa.PrimaryKeyConstraint("asterisk", "campaign", name=op.f("pk_dialer_words")),
    )
