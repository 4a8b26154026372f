"""Do-not-call lists from elsewhere, and prefixes of numbers.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0028"
down_revision = "0027"

_TEXTS = ("key", "name", "campaign", "source", "version", "dated", "by")
_COUNTS = ("total", "position", "numbers", "refused")
_KINDS = "kind IN ('number', 'area_code', 'prefix')"


def upgrade() -> None:
    """Add the tables and the column; let an entry be a prefix."""
    op.add_column("campaigns", sa.Column("dnc_lists", types.Json(), nullable=False, server_default="[]"))
    op.create_table(
        "dnc_versions",
        sa.Column("id", types.BigInt, nullable=False, autoincrement=True),
        *(sa.Column(name, types.Line(), nullable=False, server_default="") for name in _TEXTS),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in _COUNTS),
        sa.Column("begun_at", types.Utc(), nullable=False),
        sa.Column("in_force_at", types.Utc()),
        sa.Column("replaced_at", types.Utc()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dnc_versions")),
        sa.UniqueConstraint("key", name=op.f("uq_dnc_versions_key")),
        sqlite_autoincrement=True,
    )
    holds = sa.text("in_force_at IS NOT NULL AND replaced_at IS NULL")
    op.create_index(
        "uq_dnc_versions_in_force",
        "dnc_versions",
        ["name"],
        unique=True,
        sqlite_where=holds,
        postgresql_where=holds,
    )
    op.create_table(
        "dnc_numbers",
        sa.Column("number", types.Line(), nullable=False),
        sa.Column("kind", types.Line(), nullable=False),
        sa.Column("version", types.BigInt, nullable=False, autoincrement=False),
        sa.CheckConstraint(_KINDS, name=op.f("ck_dnc_numbers_kind")),
        sa.PrimaryKeyConstraint("number", "kind", "version", name=op.f("pk_dnc_numbers")),
    )
    op.create_index("ix_dnc_numbers_version", "dnc_numbers", ["version"])
    if op.get_bind().dialect.name == "sqlite":
        _made_anew()
    else:
        op.drop_constraint(op.f("ck_dnc_kind"), "dnc")
        op.create_check_constraint(op.f("ck_dnc_kind"), "dnc", _KINDS)


def _made_anew() -> None:
    """SQLite changes no rule of a table that is there."""
    op.create_table(
        "dnc_anew",
        sa.Column("campaign", types.Line(), nullable=False),
        sa.Column("number", types.Line(), nullable=False),
        sa.Column("kind", types.Line(), server_default="number", nullable=False),
        sa.Column("added_by", types.Line(), nullable=False, server_default=""),
        sa.Column("added_at", types.Utc()),
        sa.CheckConstraint(_KINDS, name=op.f("ck_dnc_kind")),
        sa.PrimaryKeyConstraint("campaign", "number", "kind", name=op.f("pk_dnc")),
    )
    columns = "campaign, number, kind, added_by, added_at"
    op.execute(f"INSERT INTO dnc_anew ({columns}) SELECT {columns} FROM dnc")  # noqa: S608  of ours
    op.drop_table("dnc")
    op.rename_table("dnc_anew", "dnc")
    op.create_index("ix_dnc_number", "dnc", ["number"])
