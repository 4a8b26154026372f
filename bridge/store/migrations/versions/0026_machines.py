"""Machines that answer, and recorded messages.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0026"
down_revision = "0025"

_TEXTS = (
    "machine_message",
    "opt_out_key",
    "message_purpose",
    "message_seller",
    "message_callback_number",
    "message_consent",
)


def upgrade() -> None:
    """Add the columns."""
    for column in (
        sa.Column("amd", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("amd_seconds", sa.Float(), nullable=False, server_default="2"),
        sa.Column("amd_action", types.Line(), nullable=False, server_default="HANGUP"),
        *(sa.Column(name, types.Line(), nullable=False, server_default="") for name in _TEXTS),
    ):
        op.add_column("campaigns", column)
    op.add_column("calls", sa.Column("answered_by", types.Line(), nullable=False, server_default=""))
