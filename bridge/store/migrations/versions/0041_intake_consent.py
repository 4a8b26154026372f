"""Consents that come in with the leads of web forms.

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Add the columns."""
    for name in ("consent_field", "consent_purpose", "consent_shown"):
        op.add_column("intake_keys", sa.Column(name, types.Line(), nullable=False, server_default=""))
