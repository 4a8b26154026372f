# ruff: noqa: E501  written by Alembic from the schema of its day
"""The first schema.

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Every table, and the counter that numbers the events."""
    op.create_table(
        "agent_sessions",
        sa.Column("id", types.Line(), nullable=False),
        sa.Column("user", types.Line(), server_default="", nullable=False),
        sa.Column("phone", types.Line(), server_default="", nullable=False),
        sa.Column("campaign", types.Line(), server_default="", nullable=False),
        sa.Column("asterisk", types.Line(), server_default="", nullable=False),
        sa.Column("room", types.Line(), server_default="", nullable=False),
        sa.Column("state", types.Line(), server_default="", nullable=False),
        sa.Column("state_since", types.Utc(), nullable=False),
        sa.Column("pause_reason", types.Line(), server_default="", nullable=False),
        sa.Column("ready_since", types.Utc(), nullable=True),
        sa.Column("call_id", types.Line(), nullable=True),
        sa.Column("lead_id", types.BigInt, nullable=True),
        sa.Column("after_call", types.Line(), server_default="ready", nullable=False),
        sa.Column("queues", types.Json(), server_default="[]", nullable=False),
        sa.Column("logged_in_at", types.Utc(), nullable=True),
        sa.Column("logged_out_at", types.Utc(), nullable=True),
        sa.Column("logout_reason", types.Line(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(state = 'logged_out') = (logged_out_at IS NOT NULL)", name=op.f("ck_agent_sessions_logged_out")
        ),
        sa.CheckConstraint(
            "after_call IN ('ready', 'paused', 'logged_out')", name=op.f("ck_agent_sessions_after_call")
        ),
        sa.CheckConstraint(
            "state IN ('connecting', 'paused', 'ready', 'offered', 'dialing', 'incall', 'wrapup', 'logged_out')",
            name=op.f("ck_agent_sessions_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_sessions")),
    )
    op.create_index("ix_agent_sessions_user", "agent_sessions", ["user", "state_since"], unique=False)
    op.create_index(
        "uq_agent_sessions_open_call",
        "agent_sessions",
        ["call_id"],
        unique=True,
        sqlite_where=sa.text("logged_out_at IS NULL"),
        postgresql_where=sa.text("logged_out_at IS NULL"),
    )
    op.create_index(
        "uq_agent_sessions_open_room",
        "agent_sessions",
        ["asterisk", "room"],
        unique=True,
        sqlite_where=sa.text("logged_out_at IS NULL"),
        postgresql_where=sa.text("logged_out_at IS NULL"),
    )
    op.create_index(
        "uq_agent_sessions_open_user",
        "agent_sessions",
        ["user"],
        unique=True,
        sqlite_where=sa.text("logged_out_at IS NULL"),
        postgresql_where=sa.text("logged_out_at IS NULL"),
    )
    op.create_table(
        "calls",
        sa.Column("id", types.Line(), nullable=False),
        sa.Column("legacy_id", types.Line(), server_default="", nullable=False),
        sa.Column("legacy_uniqueid", types.Line(), server_default="", nullable=False),
        sa.Column("kind", types.Line(), server_default="", nullable=False),
        sa.Column("state", types.Line(), server_default="", nullable=False),
        sa.Column("asterisk", types.Line(), server_default="", nullable=False),
        sa.Column("campaign", types.Line(), server_default="", nullable=False),
        sa.Column("number", types.Line(), server_default="", nullable=False),
        sa.Column("e164", types.Line(), server_default="", nullable=False),
        sa.Column("queue", types.Line(), server_default="", nullable=False),
        sa.Column("trunk", types.Line(), server_default="", nullable=False),
        sa.Column("dial", types.Line(), server_default="", nullable=False),
        sa.Column("caller_id", types.Line(), server_default="", nullable=False),
        sa.Column("lead_id", types.BigInt, nullable=True),
        sa.Column("user", types.Line(), server_default="", nullable=False),
        sa.Column("session_id", types.Line(), server_default="", nullable=False),
        sa.Column("room", types.Line(), server_default="", nullable=False),
        sa.Column("asked_by", types.Line(), server_default="", nullable=False),
        sa.Column("channel", types.Line(), server_default="", nullable=False),
        sa.Column("asked_at", types.Utc(), nullable=False),
        sa.Column("sent_at", types.Utc(), nullable=True),
        sa.Column("dialing_at", types.Utc(), nullable=True),
        sa.Column("ringing_at", types.Utc(), nullable=True),
        sa.Column("answered_at", types.Utc(), nullable=True),
        sa.Column("bridged_at", types.Utc(), nullable=True),
        sa.Column("ended_at", types.Utc(), nullable=True),
        sa.Column("disposed_at", types.Utc(), nullable=True),
        sa.Column("hangup_cause", sa.Integer(), nullable=True),
        sa.Column("dial_status", types.Line(), server_default="", nullable=False),
        sa.Column("end_reason", types.Line(), server_default="", nullable=False),
        sa.Column("network_status", types.Line(), server_default="", nullable=False),
        sa.Column("pending_status", types.Line(), server_default="", nullable=False),
        sa.Column("status", types.Line(), server_default="", nullable=False),
        sa.Column("status_source", types.Line(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(state = 'disposed') = (disposed_at IS NOT NULL)", name=op.f("ck_calls_disposed")
        ),
        sa.CheckConstraint("kind IN ('M', 'V', 'Y', 'DC')", name=op.f("ck_calls_kind")),
        sa.CheckConstraint("state <> 'disposed' OR status <> ''", name=op.f("ck_calls_disposed_status")),
        sa.CheckConstraint(
            "state IN ('planned', 'sent', 'unknown', 'dialing', 'ringing', 'queued', 'answered', 'bridged', 'ended', 'disposed')",
            name=op.f("ck_calls_state"),
        ),
        sa.CheckConstraint(
            "status_source IN ('agent', 'network', 'campaign')", name=op.f("ck_calls_status_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("legacy_id", name=op.f("uq_calls_legacy_id")),
        sa.UniqueConstraint("legacy_uniqueid", name=op.f("uq_calls_legacy_uniqueid")),
    )
    op.create_index("ix_calls_asked_at", "calls", ["asked_at"], unique=False)
    op.create_index("ix_calls_lead_id", "calls", ["lead_id"], unique=False)
    op.create_index("ix_calls_number", "calls", ["number"], unique=False)
    op.create_index(
        "ix_calls_open",
        "calls",
        ["asterisk"],
        unique=False,
        sqlite_where=sa.text("disposed_at IS NULL"),
        postgresql_where=sa.text("disposed_at IS NULL"),
    )
    op.create_index(
        "ix_calls_open_user",
        "calls",
        ["user"],
        unique=False,
        sqlite_where=sa.text("disposed_at IS NULL"),
        postgresql_where=sa.text("disposed_at IS NULL"),
    )
    op.create_index("ix_calls_user", "calls", ["user", "asked_at"], unique=False)
    op.create_table(
        "campaigns",
        sa.Column("id", types.Line(), nullable=False),
        sa.Column("name", types.Line(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("dial_method", types.Line(), server_default="MANUAL", nullable=False),
        sa.Column("dial_level", sa.Float(), server_default="0", nullable=False),
        sa.Column("api_manual_dial", types.Line(), server_default="STANDARD", nullable=False),
        sa.Column("dial_statuses", types.Json(), server_default="[]", nullable=False),
        sa.Column("call_time", types.Line(), server_default="24hours", nullable=False),
        sa.Column("inbound", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("queues", types.Json(), server_default="[]", nullable=False),
        sa.Column("default_transfer_queue", types.Line(), server_default="", nullable=False),
        sa.Column("manual_list", types.BigInt, nullable=True),
        sa.Column("preview", types.Line(), server_default="DISABLED", nullable=False),
        sa.Column("alt_number_dialing", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("inbound_lead_search", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("trunk", types.Line(), server_default="", nullable=False),
        sa.Column("caller_id", types.Line(), server_default="", nullable=False),
        sa.Column("dial_timeout", sa.Integer(), server_default="60", nullable=False),
        sa.Column("wrapup_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("default_status", types.Line(), server_default="", nullable=False),
        sa.Column("drop_seconds", sa.Float(), server_default="5", nullable=False),
        sa.Column("abandon_message", types.Line(), server_default="", nullable=False),
        sa.CheckConstraint(
            "api_manual_dial IN ('STANDARD', 'QUEUE', 'QUEUE_AND_AUTOCALL')",
            name=op.f("ck_campaigns_api_manual_dial"),
        ),
        sa.CheckConstraint(
            "dial_timeout > 0 AND wrapup_seconds >= 0 AND drop_seconds >= 0",
            name=op.f("ck_campaigns_seconds"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "counters",
        sa.Column("name", types.Line(), nullable=False),
        sa.Column("value", types.BigInt, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "dids",
        sa.Column("number", types.Line(), nullable=False),
        sa.Column("name", types.Line(), server_default="", nullable=False),
        sa.Column("queue", types.Line(), server_default="", nullable=False),
        sa.Column("campaign", types.Line(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_dids")),
    )
    op.create_table(
        "dnc",
        sa.Column("campaign", types.Line(), nullable=False),
        sa.Column("number", types.Line(), nullable=False),
        sa.Column("kind", types.Line(), server_default="number", nullable=False),
        sa.Column("added_by", types.Line(), server_default="", nullable=False),
        sa.Column("added_at", types.Utc(), nullable=True),
        sa.CheckConstraint("kind IN ('number', 'area_code')", name=op.f("ck_dnc_kind")),
        sa.PrimaryKeyConstraint("campaign", "number", "kind", name=op.f("pk_dnc")),
    )
    op.create_index("ix_dnc_number", "dnc", ["number"], unique=False)
    op.create_table(
        "events",
        sa.Column("seq", types.BigInt, autoincrement=False, nullable=False),
        sa.Column("id", types.Line(), server_default="", nullable=False),
        sa.Column("type", types.Line(), server_default="", nullable=False),
        sa.Column("subject", types.Line(), server_default="", nullable=False),
        sa.Column("time", types.Utc(), nullable=False),
        sa.Column("data", types.Line(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
    )
    op.create_index("ix_events_subject", "events", ["subject", "seq"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("scope", types.Line(), nullable=False),
        sa.Column("key", types.Line(), nullable=False),
        sa.Column("fingerprint", types.Line(), server_default="", nullable=False),
        sa.Column("state", types.Line(), server_default="running", nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", types.Line(), nullable=True),
        sa.Column("created_at", types.Utc(), nullable=False),
        sa.Column("expires_at", types.Utc(), nullable=False),
        sa.CheckConstraint("state IN ('running', 'done')", name=op.f("ck_idempotency_state")),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_expires_at", "idempotency", ["expires_at"], unique=False)
    op.create_table(
        "in_groups",
        sa.Column("name", types.Line(), nullable=False),
        sa.Column("title", types.Line(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_in_groups")),
    )
    op.create_table(
        "leads",
        sa.Column("id", types.BigInt, autoincrement=True, nullable=False),
        sa.Column("list_id", types.BigInt, nullable=False),
        sa.Column("entry_list_id", types.BigInt, server_default="0", nullable=False),
        sa.Column("status", types.Line(), server_default="NEW", nullable=False),
        sa.Column("user", types.Line(), server_default="", nullable=False),
        sa.Column("owner", types.Line(), server_default="", nullable=False),
        sa.Column("vendor_lead_code", types.Line(), server_default="", nullable=False),
        sa.Column("source_id", types.Line(), server_default="", nullable=False),
        sa.Column("phone_code", types.Line(), server_default="", nullable=False),
        sa.Column("phone_number", types.Line(), server_default="", nullable=False),
        sa.Column("alt_phone", types.Line(), server_default="", nullable=False),
        sa.Column("email", types.Line(), server_default="", nullable=False),
        sa.Column("title", types.Line(), server_default="", nullable=False),
        sa.Column("first_name", types.Line(), server_default="", nullable=False),
        sa.Column("middle_initial", types.Line(), server_default="", nullable=False),
        sa.Column("last_name", types.Line(), server_default="", nullable=False),
        sa.Column("address1", types.Line(), server_default="", nullable=False),
        sa.Column("address2", types.Line(), server_default="", nullable=False),
        sa.Column("address3", types.Line(), server_default="", nullable=False),
        sa.Column("city", types.Line(), server_default="", nullable=False),
        sa.Column("state", types.Line(), server_default="", nullable=False),
        sa.Column("province", types.Line(), server_default="", nullable=False),
        sa.Column("postal_code", types.Line(), server_default="", nullable=False),
        sa.Column("country_code", types.Line(), server_default="", nullable=False),
        sa.Column("gender", types.Line(), server_default="", nullable=False),
        sa.Column("date_of_birth", types.Line(), server_default="", nullable=False),
        sa.Column("security_phrase", types.Line(), server_default="", nullable=False),
        sa.Column("comments", types.Line(), server_default="", nullable=False),
        sa.Column("gmt_offset_minutes", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
        sa.Column("called_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("called_since_last_reset", types.Line(), server_default="N", nullable=False),
        sa.Column("custom", types.Json(), server_default="{}", nullable=False),
        sa.Column("entry_date", types.Utc(), nullable=True),
        sa.Column("modify_date", types.Utc(), nullable=True),
        sa.Column("last_local_call_time", types.Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_leads_alt_phone", "leads", ["alt_phone"], unique=False)
    op.create_index("ix_leads_list_id_status", "leads", ["list_id", "status"], unique=False)
    op.create_index("ix_leads_phone_number", "leads", ["phone_number"], unique=False)
    op.create_index("ix_leads_vendor_lead_code", "leads", ["vendor_lead_code"], unique=False)
    op.create_table(
        "lists",
        sa.Column("id", types.BigInt, autoincrement=False, nullable=False),
        sa.Column("name", types.Line(), server_default="", nullable=False),
        sa.Column("campaign", types.Line(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("call_time", types.Line(), server_default="", nullable=False),
        sa.Column("custom_fields", types.Json(), server_default="{}", nullable=False),
        sa.Column("created_at", types.Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_index("ix_lists_campaign", "lists", ["campaign"], unique=False)
    op.create_table(
        "pause_codes",
        sa.Column("campaign", types.Line(), nullable=False),
        sa.Column("code", types.Line(), nullable=False),
        sa.Column("name", types.Line(), server_default="", nullable=False),
        sa.Column("billable", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "code", name=op.f("pk_pause_codes")),
    )
    op.create_table(
        "phones",
        sa.Column("login", types.Line(), nullable=False),
        sa.Column("name", types.Line(), server_default="", nullable=False),
        sa.Column("dial", types.Line(), server_default="", nullable=False),
        sa.Column("asterisk", types.Line(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_phones")),
    )
    op.create_table(
        "presets",
        sa.Column("campaign", types.Line(), nullable=False),
        sa.Column("name", types.Line(), nullable=False),
        sa.Column("number", types.Line(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("campaign", "name", name=op.f("pk_presets")),
    )
    op.create_table(
        "settings",
        sa.Column("key", types.Line(), nullable=False),
        sa.Column("value", types.Json(), nullable=False),
        sa.Column("updated_at", types.Utc(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "sink_cursors",
        sa.Column("sink", types.Line(), nullable=False),
        sa.Column("seq", types.BigInt, nullable=False),
        sa.Column("updated_at", types.Utc(), nullable=False),
        sa.PrimaryKeyConstraint("sink", name=op.f("pk_sink_cursors")),
    )
    op.create_table(
        "statuses",
        sa.Column("campaign", types.Line(), nullable=False),
        sa.Column("status", types.Line(), nullable=False),
        sa.Column("name", types.Line(), server_default="", nullable=False),
        sa.Column("selectable", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("callback", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "status", name=op.f("pk_statuses")),
    )
    op.create_table(
        "trunks",
        sa.Column("name", types.Line(), nullable=False),
        sa.Column("template", types.Line(), server_default="", nullable=False),
        sa.Column("asterisk", types.Line(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trunks")),
    )
    op.create_table(
        "user_groups",
        sa.Column("name", types.Line(), nullable=False),
        sa.Column("title", types.Line(), server_default="", nullable=False),
        sa.Column("campaigns", types.Json(), nullable=True),
        sa.Column("sees_groups", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_user_groups")),
    )
    op.create_table(
        "users",
        sa.Column("user", types.Line(), nullable=False),
        sa.Column("name", types.Line(), server_default="", nullable=False),
        sa.Column("group", types.Line(), server_default="", nullable=False),
        sa.Column("kind", types.Line(), server_default="agent", nullable=False),
        sa.Column("level", sa.Integer(), server_default="1", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("api_access", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("manual_dial", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("secret_hash", types.Line(), server_default="", nullable=False),
        sa.Column("functions", types.Json(), nullable=True),
        sa.Column("rights", types.Json(), server_default="{}", nullable=False),
        sa.Column("crm_id", types.Line(), server_default="", nullable=False),
        sa.Column("phone", types.Line(), server_default="", nullable=False),
        sa.Column("failed_logins", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", types.Utc(), nullable=True),
        sa.Column("created_at", types.Utc(), nullable=True),
        sa.Column("updated_at", types.Utc(), nullable=True),
        sa.CheckConstraint("kind IN ('agent', 'api', 'manager')", name=op.f("ck_users_kind")),
        sa.CheckConstraint("failed_logins >= 0", name=op.f("ck_users_failed_logins")),
        sa.CheckConstraint("level BETWEEN 0 AND 9", name=op.f("ck_users_level")),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_users")),
    )
    op.create_index("ix_users_crm_id", "users", ["crm_id"], unique=False)
    op.execute("INSERT INTO counters (name, value) VALUES ('events', 0)")
