"""All tables. Rules that must hold whoever writes are constraints here, not checks in code."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    true,
)

from bridge.agents.model import AgentState
from bridge.calls.model import CallKind, CallState, StatusSource
from bridge.store.types import BigInt, Json, Line, Utc

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, key: bool = False) -> Column[str]:
    """Text that is never NULL; empty where nothing is known."""
    return Column(name, Line, primary_key=key, nullable=False, server_default=None if key else "")


def _flag(name: str, *, on: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=true() if on else false())


def _count(name: str, start: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(start))


def _moment(name: str, *, needed: bool = False) -> Column[Any]:
    return Column(name, Utc, nullable=not needed)


def _one_of(column: str, values: Iterable[StrEnum | str]) -> CheckConstraint:
    names = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({names})", name=column)


# --- who -------------------------------------------------------------------------------------------

users = Table(
    "users",
    metadata,
    _text("user", key=True),
    _text("name"),
    _text("group"),  # no foreign key: a user may name a group that is not defined; it then grants nothing
    Column("kind", Line, nullable=False, server_default="agent"),
    _count("level", 1),
    _flag("active", on=True),
    _flag("api_access"),
    _flag("manual_dial", on=True),
    _text("secret_hash"),
    Column("functions", Json),  # names; NULL means all
    Column("rights", Json, nullable=False, server_default="{}"),  # right -> level of it
    _text("crm_id"),
    _text("phone"),
    _count("failed_logins"),
    _moment("locked_until"),
    _moment("created_at"),
    _moment("updated_at"),
    _one_of("kind", ("agent", "api", "manager")),
    CheckConstraint("level BETWEEN 0 AND 9", name="level"),
    CheckConstraint("failed_logins >= 0", name="failed_logins"),
    Index("ix_users_crm_id", "crm_id"),
)

user_groups = Table(
    "user_groups",
    metadata,
    _text("name", key=True),
    _text("title"),
    Column("campaigns", Json),  # ids; NULL means all
    Column("sees_groups", Json),  # names; NULL means all
)

# --- the site --------------------------------------------------------------------------------------

campaigns = Table(
    "campaigns",
    metadata,
    _text("id", key=True),
    _text("name"),
    _flag("active", on=True),
    Column("dial_method", Line, nullable=False, server_default="MANUAL"),
    Column("dial_level", Float, nullable=False, server_default="0"),
    Column("api_manual_dial", Line, nullable=False, server_default="STANDARD"),
    Column("dial_statuses", Json, nullable=False, server_default="[]"),
    Column("call_time", Line, nullable=False, server_default="24hours"),
    _flag("inbound"),
    Column("queues", Json, nullable=False, server_default="[]"),
    _text("default_transfer_queue"),
    Column("manual_list", BigInt),
    Column("preview", Line, nullable=False, server_default="DISABLED"),
    _flag("alt_number_dialing"),
    _flag("inbound_lead_search"),
    _text("trunk"),
    _text("caller_id"),
    _count("dial_timeout", 60),  # seconds
    _count("wrapup_seconds"),
    _text("default_status"),
    Column("drop_seconds", Float, nullable=False, server_default="5"),
    _text("abandon_message"),
    _one_of("api_manual_dial", ("STANDARD", "QUEUE", "QUEUE_AND_AUTOCALL")),
    CheckConstraint("dial_timeout > 0 AND wrapup_seconds >= 0 AND drop_seconds >= 0", name="seconds"),
)

in_groups = Table(
    "in_groups",
    metadata,
    _text("name", key=True),
    _text("title"),
    _flag("active", on=True),
)

pause_codes = Table(
    "pause_codes",
    metadata,
    _text("campaign", key=True),
    _text("code", key=True),
    _text("name"),
    _flag("billable"),
)

statuses = Table(
    "statuses",
    metadata,
    _text("campaign", key=True),  # empty: of the whole system
    _text("status", key=True),
    _text("name"),
    _flag("selectable", on=True),
    _flag("callback"),
)

presets = Table(
    "presets",
    metadata,
    _text("campaign", key=True),
    _text("name", key=True),
    _text("number"),
)

phones = Table(
    "phones",
    metadata,
    _text("login", key=True),
    _text("name"),
    _text("dial"),  # template, e.g. PJSIP/{phone}
    _text("asterisk"),
    _flag("active", on=True),
)

trunks = Table(
    "trunks",
    metadata,
    _text("name", key=True),
    _text("template"),  # e.g. PJSIP/{number}@carrier
    _text("asterisk"),
    _flag("active", on=True),
)

dids = Table(
    "dids",
    metadata,
    _text("number", key=True),
    _text("name"),
    _text("queue"),
    _text("campaign"),
    _flag("active", on=True),
)

# --- leads -----------------------------------------------------------------------------------------

lists = Table(
    "lists",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=False),
    _text("name"),
    _text("campaign"),
    _flag("active", on=True),
    _text("call_time"),
    Column("custom_fields", Json, nullable=False, server_default="{}"),  # name -> type
    _moment("created_at"),
    Index("ix_lists_campaign", "campaign"),
)

leads = Table(
    "leads",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("list_id", BigInt, nullable=False),  # no foreign key: leads of a deleted list stay readable
    Column("entry_list_id", BigInt, nullable=False, server_default="0"),
    Column("status", Line, nullable=False, server_default="NEW"),
    *(_text(name) for name in ("user", "owner", "vendor_lead_code", "source_id")),
    *(_text(name) for name in ("phone_code", "phone_number", "alt_phone", "email")),
    *(_text(name) for name in ("title", "first_name", "middle_initial", "last_name")),
    *(_text(name) for name in ("address1", "address2", "address3", "city", "state", "province")),
    *(_text(name) for name in ("postal_code", "country_code", "gender", "date_of_birth")),
    *(_text(name) for name in ("security_phrase", "comments")),
    Column("gmt_offset_minutes", Integer),
    _count("rank"),
    _count("called_count"),
    Column("called_since_last_reset", Line, nullable=False, server_default="N"),
    Column("custom", Json, nullable=False, server_default="{}"),
    _moment("entry_date"),
    _moment("modify_date"),
    _moment("last_local_call_time"),
    Index("ix_leads_phone_number", "phone_number"),
    Index("ix_leads_alt_phone", "alt_phone"),
    Index("ix_leads_list_id_status", "list_id", "status"),
    Index("ix_leads_vendor_lead_code", "vendor_lead_code"),
    sqlite_autoincrement=True,  # an id is never given out twice, even after the newest lead was deleted
)

dnc = Table(
    "dnc",
    metadata,
    _text("campaign", key=True),  # empty: for the whole system
    _text("number", key=True),
    Column("kind", Line, primary_key=True, server_default="number"),
    _text("added_by"),
    _moment("added_at"),
    _one_of("kind", ("number", "area_code")),
    Index("ix_dnc_number", "number"),
)

# --- sessions and calls ------------------------------------------------------------------------------

agent_sessions = Table(
    "agent_sessions",
    metadata,
    _text("id", key=True),
    *(_text(name) for name in ("user", "phone", "campaign", "asterisk", "room", "state")),
    _moment("state_since", needed=True),
    _text("pause_reason"),
    _moment("ready_since"),
    Column("call_id", Line),
    Column("lead_id", BigInt),
    Column("after_call", Line, nullable=False, server_default=AgentState.READY),
    Column("queues", Json, nullable=False, server_default="[]"),
    _moment("logged_in_at"),
    _moment("logged_out_at"),
    _text("logout_reason"),
    _count("version"),
    _one_of("state", AgentState),
    _one_of("after_call", (AgentState.READY, AgentState.PAUSED, AgentState.LOGGED_OUT)),
    CheckConstraint("(state = 'logged_out') = (logged_out_at IS NOT NULL)", name="logged_out"),
)
_open = agent_sessions.c.logged_out_at.is_(None)


def _open_unique(name: str, *columns: str) -> None:
    """One open session for each value."""
    parts = (agent_sessions.c[column] for column in columns)
    Index(f"uq_agent_sessions_open_{name}", *parts, unique=True, sqlite_where=_open, postgresql_where=_open)


_open_unique("user", "user")
_open_unique("room", "asterisk", "room")
_open_unique("call", "call_id")  # nobody is ever given two callers, and no caller two agents
Index("ix_agent_sessions_user", agent_sessions.c.user, agent_sessions.c.state_since)

calls = Table(
    "calls",
    metadata,
    _text("id", key=True),
    _text("legacy_id"),
    _text("legacy_uniqueid"),
    *(_text(name) for name in ("kind", "state", "asterisk", "campaign", "number", "e164", "queue", "trunk")),
    *(_text(name) for name in ("dial", "caller_id")),
    Column("lead_id", BigInt),
    *(_text(name) for name in ("user", "session_id", "room", "asked_by", "channel")),
    _moment("asked_at", needed=True),
    *(_moment(f"{name}_at") for name in ("sent", "dialing", "ringing", "answered", "bridged")),
    _moment("ended_at"),
    _moment("disposed_at"),
    _moment("hangup_asked_at"),
    _count("wrapup_seconds"),
    _text("default_status"),
    Column("hangup_cause", Integer),
    *(_text(name) for name in ("dial_status", "end_reason", "network_status", "pending_status", "status")),
    Column("status_source", Line),
    _count("version"),
    UniqueConstraint("legacy_id"),
    UniqueConstraint("legacy_uniqueid"),
    _one_of("kind", CallKind),
    _one_of("state", CallState),
    _one_of("status_source", StatusSource),
    CheckConstraint("(state = 'disposed') = (disposed_at IS NOT NULL)", name="disposed"),
    CheckConstraint("state <> 'disposed' OR status <> ''", name="disposed_status"),
    Index("ix_calls_asked_at", "asked_at"),
    Index("ix_calls_lead_id", "lead_id"),
    Index("ix_calls_number", "number"),
    Index("ix_calls_user", "user", "asked_at"),
)
_undisposed = calls.c.disposed_at.is_(None)
Index("ix_calls_open", calls.c.asterisk, sqlite_where=_undisposed, postgresql_where=_undisposed)
Index("ix_calls_open_user", calls.c.user, sqlite_where=_undisposed, postgresql_where=_undisposed)

# --- events and keeping -------------------------------------------------------------------------------

events = Table(
    "events",
    metadata,
    Column("seq", BigInt, primary_key=True, autoincrement=False),  # from `counters`: without a gap
    _text("id"),
    _text("type"),
    _text("subject"),
    _moment("time", needed=True),
    Column("data", Line, nullable=False),  # JSON text, the same bytes for every sink
    Index("ix_events_subject", "subject", "seq"),
)

counters = Table(
    "counters",
    metadata,
    _text("name", key=True),
    Column("value", BigInt, nullable=False, server_default="0"),
)

sink_cursors = Table(
    "sink_cursors",
    metadata,
    _text("sink", key=True),
    Column("seq", BigInt, nullable=False),
    _moment("updated_at", needed=True),
)

idempotency = Table(
    "idempotency",
    metadata,
    _text("scope", key=True),  # the principal: keys of different callers never meet
    _text("key", key=True),
    _text("fingerprint"),
    _text("call_id"),  # of the call that the first request with the key makes
    Column("state", Line, nullable=False, server_default="running"),
    Column("status", Integer),
    Column("body", Line),
    _moment("created_at", needed=True),
    _moment("expires_at", needed=True),
    _one_of("state", ("running", "done")),
    Index("ix_idempotency_expires_at", "expires_at"),
)

settings = Table(
    "settings",
    metadata,
    _text("key", key=True),
    Column("value", Json, nullable=False),
    _moment("updated_at"),
)
