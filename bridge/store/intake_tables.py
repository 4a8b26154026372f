"""Keys of web forms, their tokens, and what came in by them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table

from bridge.intake.model import Outcome
from bridge.store.columns import count, flag, metadata, moment, one_of, text
from bridge.store.types import BigInt, Json

intake_keys = Table(
    "intake_keys",
    metadata,
    text("name", key=True),
    Column("list_id", BigInt, nullable=False),
    flag("active", on=True),
    moment("expires_at"),
    Column("fields", Json, nullable=False, server_default="{}"),  # theirs -> ours
    Column("constants", Json, nullable=False, server_default="{}"),
    *(text(name) for name in ("honeypot", "next_url")),
    Column("origins", Json, nullable=False, server_default="[]"),
    flag("check_dnc", on=True),
    *(text(name) for name in ("consent_field", "consent_purpose", "consent_shown")),
    *(count(name) for name in ("address_per_hour", "address_per_day", "number_per_hour", "number_per_day")),
    *(count(name) for name in ("per_hour", "per_day")),
)

intake_tokens = Table(
    "intake_tokens",
    metadata,
    text("hash", key=True),
    text("key"),
    moment("made_at", needed=True),
    moment("good_until"),
    moment("last_used_at"),
    Index("ix_intake_tokens_key", "key"),
)

intake_posts = Table(
    "intake_posts",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    text("key"),
    moment("at", needed=True),
    text("outcome"),
    text("reason"),
    Column("lead_id", BigInt),
    *(text(name) for name in ("number", "address", "subscriber", "user_agent", "content_type")),
    Column("size", Integer, nullable=False, server_default="0"),
    Column("body", LargeBinary, nullable=False),
    text("fingerprint"),
    one_of("outcome", Outcome),
    Index("ix_intake_posts_key", "key", "at", "size"),  # the limits are counted from the indexes alone
    Index("ix_intake_posts_subscriber", "key", "subscriber", "at"),
    Index("ix_intake_posts_number", "key", "number", "at"),
    sqlite_autoincrement=True,
)
