"""The first schema.

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0001"
down_revision = None


def _key(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, types.Line(), nullable=False) for name in names]


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, types.Line(), nullable=False, server_default="") for name in names]


def _flag(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()) for name in names]


def _flag_on(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()) for name in names]


def _moment(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, types.Utc()) for name in names]


def _needed_moment(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, types.Utc(), nullable=False) for name in names]


def _one_of(table: str, column: str, values: str) -> sa.CheckConstraint:
    names = ", ".join(f"'{value}'" for value in values.split())
    return sa.CheckConstraint(f"{column} IN ({names})", name=op.f(f"ck_{table}_{column}"))


def _index_where(where: str, name: str, table: str, columns: list[str], *, unique: bool) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def upgrade() -> None:
    """Every table, and the counter that numbers the events."""
    op.create_table(
        "agent_sessions",
        *_key("id"),
        *_text("user", "phone", "campaign", "asterisk", "room", "state"),
        *_needed_moment("state_since"),
        *_text("pause_reason"),
        *_moment("ready_since"),
        sa.Column("call_id", types.Line()),
        sa.Column("lead_id", types.BigInt),
        sa.Column("after_call", types.Line(), nullable=False, server_default="ready"),
        sa.Column("queues", types.Json(), nullable=False, server_default="[]"),
        *_moment("logged_in_at", "logged_out_at"),
        *_text("logout_reason"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        _one_of("agent_sessions", "after_call", "ready paused logged_out"),
        sa.CheckConstraint(
            "(state = 'logged_out') = (logged_out_at IS NOT NULL)", name=op.f("ck_agent_sessions_logged_out")
        ),
        _one_of(
            "agent_sessions", "state", "connecting paused ready offered dialing incall wrapup logged_out"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_sessions")),
    )
    op.create_index("ix_agent_sessions_user", "agent_sessions", ["user", "state_since"])
    _index_where(
        "logged_out_at IS NULL", "uq_agent_sessions_open_call", "agent_sessions", ["call_id"], unique=True
    )
    _index_where(
        "logged_out_at IS NULL",
        "uq_agent_sessions_open_room",
        "agent_sessions",
        ["asterisk", "room"],
        unique=True,
    )
    _index_where(
        "logged_out_at IS NULL", "uq_agent_sessions_open_user", "agent_sessions", ["user"], unique=True
    )
    op.create_table(
        "calls",
        *_key("id"),
        *_text(
            "legacy_id",
            "legacy_uniqueid",
            "kind",
            "state",
            "asterisk",
            "campaign",
            "number",
            "e164",
            "queue",
            "trunk",
            "dial",
            "caller_id",
        ),
        sa.Column("lead_id", types.BigInt),
        *_text("user", "session_id", "room", "asked_by", "channel"),
        *_needed_moment("asked_at"),
        *_moment(
            "sent_at", "dialing_at", "ringing_at", "answered_at", "bridged_at", "ended_at", "disposed_at"
        ),
        *_moment("hangup_asked_at"),
        sa.Column("wrapup_seconds", sa.Integer(), nullable=False, server_default="0"),
        *_text("default_status"),
        sa.Column("hangup_cause", sa.Integer()),
        *_text("dial_status", "end_reason", "network_status", "pending_status", "status"),
        sa.Column("status_source", types.Line()),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.CheckConstraint(
            "(state = 'disposed') = (disposed_at IS NOT NULL)", name=op.f("ck_calls_disposed")
        ),
        sa.CheckConstraint("state <> 'disposed' OR status <> ''", name=op.f("ck_calls_disposed_status")),
        _one_of("calls", "kind", "M V Y DC"),
        _one_of(
            "calls", "state", "planned sent unknown dialing ringing queued answered bridged ended disposed"
        ),
        _one_of("calls", "status_source", "agent network campaign"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("legacy_id", name=op.f("uq_calls_legacy_id")),
        sa.UniqueConstraint("legacy_uniqueid", name=op.f("uq_calls_legacy_uniqueid")),
    )
    op.create_index("ix_calls_asked_at", "calls", ["asked_at"])
    op.create_index("ix_calls_lead_id", "calls", ["lead_id"])
    op.create_index("ix_calls_number", "calls", ["number"])
    _index_where("disposed_at IS NULL", "ix_calls_open", "calls", ["asterisk"], unique=False)
    _index_where("disposed_at IS NULL", "ix_calls_open_user", "calls", ["user"], unique=False)
    op.create_index("ix_calls_user", "calls", ["user", "asked_at"])
    op.create_table(
        "campaigns",
        *_key("id"),
        *_text("name"),
        *_flag_on("active"),
        sa.Column("dial_method", types.Line(), nullable=False, server_default="MANUAL"),
        sa.Column("dial_level", sa.Float(), nullable=False, server_default="0"),
        sa.Column("api_manual_dial", types.Line(), nullable=False, server_default="STANDARD"),
        sa.Column("dial_statuses", types.Json(), nullable=False, server_default="[]"),
        sa.Column("call_time", types.Line(), nullable=False, server_default="24hours"),
        *_flag("inbound"),
        sa.Column("queues", types.Json(), nullable=False, server_default="[]"),
        *_text("default_transfer_queue"),
        sa.Column("manual_list", types.BigInt),
        sa.Column("preview", types.Line(), nullable=False, server_default="DISABLED"),
        *_flag("alt_number_dialing", "inbound_lead_search"),
        *_text("trunk", "caller_id"),
        sa.Column("dial_timeout", sa.Integer(), nullable=False, server_default="60"),
        sa.Column("wrapup_seconds", sa.Integer(), nullable=False, server_default="0"),
        *_text("default_status"),
        sa.Column("drop_seconds", sa.Float(), nullable=False, server_default="5"),
        *_text("abandon_message"),
        _one_of("campaigns", "api_manual_dial", "STANDARD QUEUE QUEUE_AND_AUTOCALL"),
        sa.CheckConstraint(
            "dial_timeout > 0 AND wrapup_seconds >= 0 AND drop_seconds >= 0",
            name=op.f("ck_campaigns_seconds"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "counters",
        *_key("name"),
        sa.Column("value", types.BigInt, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "dids",
        *_key("number"),
        *_text("name", "queue", "campaign"),
        *_flag_on("active"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_dids")),
    )
    op.create_table(
        "dnc",
        *_key("campaign", "number"),
        sa.Column("kind", types.Line(), server_default="number"),
        *_text("added_by"),
        *_moment("added_at"),
        _one_of("dnc", "kind", "number area_code"),
        sa.PrimaryKeyConstraint("campaign", "number", "kind", name=op.f("pk_dnc")),
    )
    op.create_index("ix_dnc_number", "dnc", ["number"])
    op.create_table(
        "events",
        sa.Column("seq", types.BigInt, autoincrement=False),
        *_text("id", "type", "subject"),
        *_needed_moment("time"),
        sa.Column("data", types.Line(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
    )
    op.create_index("ix_events_subject", "events", ["subject", "seq"])
    op.create_table(
        "idempotency",
        *_key("scope", "key"),
        *_text("fingerprint", "call_id"),
        sa.Column("state", types.Line(), nullable=False, server_default="running"),
        sa.Column("status", sa.Integer()),
        sa.Column("body", types.Line()),
        *_needed_moment("created_at", "expires_at"),
        _one_of("idempotency", "state", "running done"),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_expires_at", "idempotency", ["expires_at"])
    op.create_table(
        "in_groups",
        *_key("name"),
        *_text("title"),
        *_flag_on("active"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_in_groups")),
    )
    op.create_table(
        "leads",
        sa.Column("id", types.BigInt, autoincrement=True),
        sa.Column("list_id", types.BigInt, nullable=False),
        sa.Column("entry_list_id", types.BigInt, nullable=False, server_default="0"),
        sa.Column("status", types.Line(), nullable=False, server_default="NEW"),
        *_text(
            "user",
            "owner",
            "vendor_lead_code",
            "source_id",
            "phone_code",
            "phone_number",
            "alt_phone",
            "email",
            "title",
            "first_name",
            "middle_initial",
            "last_name",
            "address1",
            "address2",
            "address3",
            "city",
            "state",
            "province",
            "postal_code",
            "country_code",
            "gender",
            "date_of_birth",
            "security_phrase",
            "comments",
        ),
        sa.Column("gmt_offset_minutes", sa.Integer()),
        sa.Column("rank", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("called_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("called_since_last_reset", types.Line(), nullable=False, server_default="N"),
        sa.Column("custom", types.Json(), nullable=False, server_default="{}"),
        *_moment("entry_date", "modify_date", "last_local_call_time"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_leads_alt_phone", "leads", ["alt_phone"])
    op.create_index("ix_leads_list_id_status", "leads", ["list_id", "status"])
    op.create_index("ix_leads_phone_number", "leads", ["phone_number"])
    op.create_index("ix_leads_vendor_lead_code", "leads", ["vendor_lead_code"])
    op.create_table(
        "lists",
        sa.Column("id", types.BigInt, autoincrement=False),
        *_text("name", "campaign"),
        *_flag_on("active"),
        *_text("call_time"),
        sa.Column("custom_fields", types.Json(), nullable=False, server_default="{}"),
        *_moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_index("ix_lists_campaign", "lists", ["campaign"])
    op.create_table(
        "pause_codes",
        *_key("campaign", "code"),
        *_text("name"),
        *_flag("billable"),
        sa.PrimaryKeyConstraint("campaign", "code", name=op.f("pk_pause_codes")),
    )
    op.create_table(
        "phones",
        *_key("login"),
        *_text("name", "dial", "asterisk"),
        *_flag_on("active"),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_phones")),
    )
    op.create_table(
        "presets",
        *_key("campaign", "name"),
        *_text("number"),
        sa.PrimaryKeyConstraint("campaign", "name", name=op.f("pk_presets")),
    )
    op.create_table(
        "settings",
        *_key("key"),
        sa.Column("value", types.Json(), nullable=False),
        *_moment("updated_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "sink_cursors",
        *_key("sink"),
        sa.Column("seq", types.BigInt, nullable=False),
        *_needed_moment("updated_at"),
        sa.PrimaryKeyConstraint("sink", name=op.f("pk_sink_cursors")),
    )
    op.create_table(
        "statuses",
        *_key("campaign", "status"),
        *_text("name"),
        *_flag_on("selectable"),
        *_flag("callback"),
        sa.PrimaryKeyConstraint("campaign", "status", name=op.f("pk_statuses")),
    )
    op.create_table(
        "trunks",
        *_key("name"),
        *_text("template", "asterisk"),
        *_flag_on("active"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trunks")),
    )
    op.create_table(
        "user_groups",
        *_key("name"),
        *_text("title"),
        sa.Column("campaigns", types.Json()),
        sa.Column("sees_groups", types.Json()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_user_groups")),
    )
    op.create_table(
        "users",
        *_key("user"),
        *_text("name", "group"),
        sa.Column("kind", types.Line(), nullable=False, server_default="agent"),
        sa.Column("level", sa.Integer(), nullable=False, server_default="1"),
        *_flag_on("active"),
        *_flag("api_access"),
        *_flag_on("manual_dial"),
        *_text("secret_hash"),
        sa.Column("functions", types.Json()),
        sa.Column("rights", types.Json(), nullable=False, server_default="{}"),
        *_text("crm_id", "phone"),
        sa.Column("failed_logins", sa.Integer(), nullable=False, server_default="0"),
        *_moment("locked_until", "created_at", "updated_at"),
        sa.CheckConstraint("failed_logins >= 0", name=op.f("ck_users_failed_logins")),
        _one_of("users", "kind", "agent api manager"),
        sa.CheckConstraint("level BETWEEN 0 AND 9", name=op.f("ck_users_level")),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_users")),
    )
    op.create_index("ix_users_crm_id", "users", ["crm_id"])
    op.execute("INSERT INTO counters (name, value) VALUES ('events', 0)")
