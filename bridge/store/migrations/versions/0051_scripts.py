"""Script and web form of campaigns, for agents' pages.

Revision ID: 0051
Revises: 0050
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """Add the columns."""
    for name in ("script", "web_form_url"):
        op.add_column("campaigns", sa.Column(name, types.Line(), nullable=False, server_default=""))
