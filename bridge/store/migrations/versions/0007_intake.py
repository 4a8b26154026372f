"""Keys of web forms, their tokens, and what came in by them.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0007"
down_revision = "0006"


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, types.Line(), nullable=False, server_default="") for name in names]


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, types.Line(), nullable=False)


def _count(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in names]


def _json(name: str, default: str) -> sa.Column[Any]:
    return sa.Column(name, types.Json(), nullable=False, server_default=default)


def _yes(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true())


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "intake_keys",
        _key("name"),
        sa.Column("list_id", types.BigInt, nullable=False),
        _yes("active"),
        sa.Column("expires_at", types.Utc()),
        _json("fields", "{}"),
        _json("constants", "{}"),
        *_text("honeypot", "next_url"),
        _json("origins", "[]"),
        _yes("check_dnc"),
        *_count("address_per_hour", "address_per_day", "number_per_hour", "number_per_day"),
        *_count("per_hour", "per_day"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_intake_keys")),
    )
    op.create_table(
        "intake_tokens",
        _key("hash"),
        *_text("key"),
        sa.Column("made_at", types.Utc(), nullable=False),
        sa.Column("good_until", types.Utc()),
        sa.Column("last_used_at", types.Utc()),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_intake_tokens")),
    )
    op.create_index("ix_intake_tokens_key", "intake_tokens", ["key"])
    _posts()


def _posts() -> None:
    op.create_table(
        "intake_posts",
        sa.Column("id", types.BigInt, autoincrement=True, nullable=False),
        *_text("key"),
        sa.Column("at", types.Utc(), nullable=False),
        *_text("outcome", "reason"),
        sa.Column("lead_id", types.BigInt),
        *_text("number", "address", "subscriber", "user_agent", "content_type"),
        *_count("size"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        *_text("fingerprint"),
        sa.CheckConstraint(
            "outcome IN ('added', 'duplicate', 'refused', 'honeypot')", name=op.f("ck_intake_posts_outcome")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_posts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_intake_posts_key", "intake_posts", ["key", "at", "size"])
    op.create_index("ix_intake_posts_subscriber", "intake_posts", ["key", "subscriber", "at"])
    op.create_index("ix_intake_posts_number", "intake_posts", ["key", "number", "at"])
