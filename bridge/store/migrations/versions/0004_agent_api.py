"""What the whole agent API keeps: legs of calls, screens, recordings, queued dials, notifications, aliases.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0004"
down_revision = "0003"

_KINDS_BEFORE = "kind IN ('M', 'V', 'Y', 'DC')"
_KINDS = "kind IN ('M', 'V', 'Y', 'DC', 'TW', 'XB', 'J', 'CX', 'CL')"


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, types.Line(), nullable=False, server_default="") for name in names]


def _flag(name: str, *, on: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true() if on else sa.false())


def _moment(name: str, *, needed: bool = False) -> sa.Column[Any]:
    return sa.Column(name, types.Utc(), nullable=not needed)


def _json(name: str, default: str | None = None) -> sa.Column[Any]:
    if default is None:
        return sa.Column(name, types.Json())
    return sa.Column(name, types.Json(), nullable=False, server_default=default)


def _number() -> sa.Column[Any]:
    return sa.Column("id", types.BigInt, autoincrement=True, nullable=False)


def _one_of(table: str, column: str, values: str) -> sa.CheckConstraint:
    names = ", ".join(f"'{value}'" for value in values.split())
    return sa.CheckConstraint(f"{column} IN ({names})", name=op.f(f"ck_{table}_{column}"))


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Add it all."""
    _columns()
    _tables()
    _kinds()


def _columns() -> None:
    for table, columns in (
        (
            "agent_sessions",
            [
                *_text("channel", "playback"),
                _json("preview"),
                _flag("blended", on=True),
                _flag("on_hook"),
            ],
        ),
        ("agent_sessions", [_flag("playback_paused"), *_text("next_channel")]),
        (
            "calls",
            [
                *_text("parent", "volley", "room_channel", "for_user"),
                _moment("parked_at"),
                _json("messages", "[]"),
            ],
        ),
        ("calls", [*_text("extension"), _moment("extension_answered_at")]),
        ("users", [*_text("team"), _json("queues")]),
        ("campaigns", _text("park_music")),
        ("phones", _text("webphone_url")),
        ("in_groups", _text("caller_id")),
    ):
        for column in columns:
            op.add_column(table, column)
    _index("ix_calls_parent", "calls", ["parent"], "parent <> ''")


def _tables() -> None:
    op.create_table(
        "group_aliases",
        sa.Column("name", types.Line(), nullable=False),
        *_text("title", "caller_id"),
        _flag("active", on=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_group_aliases")),
    )
    op.create_table(
        "agent_screens",
        sa.Column("session_id", types.Line(), nullable=False),
        _json("data", "{}"),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_agent_screens")),
    )
    op.create_table(
        "recordings",
        _number(),
        *_text("filename", "call_id", "session_id", "user", "campaign", "asterisk", "room"),
        sa.Column("lead_id", types.BigInt),
        *_text("asked_by"),
        _moment("started_at", needed=True),
        _moment("ended_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("filename", name=op.f("uq_recordings_filename")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_leads_next",
        "leads",
        ["list_id", "status", "called_since_last_reset", sa.text("rank DESC"), "id"],
    )
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_index("ix_recordings_lead_id", "recordings", ["lead_id"])
    _index("uq_recordings_running", "recordings", ["asterisk", "room"], "ended_at IS NULL", unique=True)
    op.create_table(
        "manual_dials",
        _number(),
        *_text("user", "campaign", "number"),
        sa.Column("request", types.Json(), nullable=False),
        sa.Column("state", types.Line(), nullable=False, server_default="waiting"),
        *_text("call_id"),
        _moment("made_at", needed=True),
        _moment("settled_at"),
        _one_of("manual_dials", "state", "waiting dialled dropped"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_dials")),
        sqlite_autoincrement=True,
    )
    _index("uq_manual_dials_waiting", "manual_dials", ["user", "number"], "state = 'waiting'", unique=True)
    op.create_table(
        "notifications",
        _number(),
        *_text("recipient", "recipient_type", "text", "made_by"),
        _json("look", "{}"),
        _flag("retry"),
        _json("seen", "[]"),
        _moment("due_at", needed=True),
        _moment("made_at", needed=True),
        _moment("sent_at"),
        _one_of("notifications", "recipient_type", "USER USER_GROUP CAMPAIGN"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sqlite_autoincrement=True,
    )
    _index("ix_notifications_unsent", "notifications", ["due_at"], "sent_at IS NULL")


def _kinds() -> None:
    """More kinds of calls.

    SQLite cannot change a rule of a table: its text is changed, as SQLite's own documentation
    (lang_altertable, section 8) has it for rules, and no row is copied.
    """
    if op.get_bind().dialect.name == "sqlite":
        conn = op.get_bind()
        version = conn.exec_driver_sql("PRAGMA schema_version").scalar_one()
        conn.exec_driver_sql("PRAGMA writable_schema=ON")
        conn.exec_driver_sql(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'calls'",
            (_KINDS_BEFORE, _KINDS),
        )
        conn.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
        conn.exec_driver_sql("PRAGMA writable_schema=RESET")
        return
    op.drop_constraint(op.f("ck_calls_kind"), "calls", type_="check")
    op.create_check_constraint(op.f("ck_calls_kind"), "calls", _KINDS)
