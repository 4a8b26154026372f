"""Imports of leads, how far each is, and the rows that they refuse.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "imports",
        sa.Column("id", types.Line(), nullable=False),
        *(sa.Column(name, types.Line(), nullable=False, server_default="") for name in ("name", "by")),
        sa.Column("list_id", types.BigInt, nullable=False),
        *(sa.Column(name, types.Json(), nullable=False) for name in ("plan", "titles")),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default="0")
            for name in ("total", "position", "added", "refused")
        ),
        *(sa.Column(name, types.Utc(), nullable=False) for name in ("begun_at", "changed_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_begun_at", "imports", ["begun_at"])
    op.create_table(
        "import_refusals",
        sa.Column("import_id", types.Line(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, types.Line(), nullable=False, server_default="") for name in ("column", "why")),
        sa.Column("cells", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_import_refusals")),
    )
