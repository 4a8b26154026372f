"""Numbers by which customers forbid further calls.

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("dids", sa.Column("opt_out", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("opt_out_key", "opt_out_sound"):
        op.add_column("dids", sa.Column(name, types.Line(), nullable=False, server_default=""))
