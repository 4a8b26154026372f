"""Archived leads, other numbers of leads, groups of filtered numbers; more of callbacks and of lists.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0016"
down_revision = "0015"


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, types.Line(), nullable=False, server_default="") for name in names]


def _count(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in names]


def _big(name: str, start: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, types.BigInt, nullable=False, server_default=start)


def upgrade() -> None:
    """Add the tables and the columns."""
    _archive()
    op.create_table(
        "alt_numbers",
        sa.Column("id", types.BigInt, autoincrement=True, nullable=False),
        _big("lead_id"),
        *_text("phone_code", "number", "note"),
        *_count("rank"),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alt_numbers")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alt_numbers_lead_id", "alt_numbers", ["lead_id"])
    op.create_table(
        "filter_groups",
        sa.Column("name", types.Line(), nullable=False),
        *_text("title"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_filter_groups")),
    )
    op.create_table(
        "filter_numbers",
        sa.Column("group", types.Line(), nullable=False),
        sa.Column("number", types.Line(), nullable=False),
        sa.PrimaryKeyConstraint("group", "number", name=op.f("pk_filter_numbers")),
    )
    columns: tuple[tuple[str, sa.Column[Any]], ...] = (
        ("callbacks", _big("list_id", "0")),
        ("callbacks", sa.Column("state", types.Line(), nullable=False, server_default="ACTIVE")),
        *(("callbacks", column) for column in _text("made_by")),
        ("callbacks", sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false())),
    )
    for table, column in columns:
        op.add_column(table, column)


def _archive() -> None:
    names = (
        "user owner vendor_lead_code source_id phone_code phone_number alt_phone email title first_name "
        "middle_initial last_name address1 address2 address3 city state province postal_code country_code "
        "gender date_of_birth security_phrase comments"
    )
    op.create_table(
        "archived_leads",
        sa.Column("id", types.BigInt, autoincrement=False, nullable=False),
        _big("list_id"),
        _big("entry_list_id", "0"),
        sa.Column("status", types.Line(), nullable=False, server_default="NEW"),
        *_text(*names.split()),
        sa.Column("gmt_offset_minutes", sa.Integer()),
        *_count("rank", "called_count"),
        sa.Column("called_since_last_reset", types.Line(), nullable=False, server_default="N"),
        sa.Column("custom", types.Json(), nullable=False, server_default="{}"),
        *(sa.Column(name, types.Utc()) for name in ("entry_date", "modify_date", "last_local_call_time")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archived_leads")),
    )
    for name in ("phone_number", "vendor_lead_code", "list_id"):
        op.create_index(f"ix_archived_leads_{name}", "archived_leads", [name])
