"""Sessions of agents, and calls."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, UniqueConstraint

from bridge.agents.model import AgentState
from bridge.calls.model import CallKind, CallState, StatusSource
from bridge.store.columns import count, metadata, moment, one_of, text
from bridge.store.types import BigInt, Json, Line

agent_sessions = Table(
    "agent_sessions",
    metadata,
    text("id", key=True),
    *(text(name) for name in ("user", "phone", "campaign", "asterisk", "room", "state")),
    moment("state_since", needed=True),
    text("pause_reason"),
    moment("ready_since"),
    Column("call_id", Line),
    Column("lead_id", BigInt),
    Column("after_call", Line, nullable=False, server_default=AgentState.READY),
    Column("queues", Json, nullable=False, server_default="[]"),
    moment("logged_in_at"),
    moment("logged_out_at"),
    text("logout_reason"),
    count("version"),
    one_of("state", AgentState),
    one_of("after_call", (AgentState.READY, AgentState.PAUSED, AgentState.LOGGED_OUT)),
    CheckConstraint("(state = 'logged_out') = (logged_out_at IS NOT NULL)", name="logged_out"),
)
_open = agent_sessions.c.logged_out_at.is_(None)


def _open_unique(name: str, *columns: str) -> None:
    """One open session for each value."""
    parts = (agent_sessions.c[column] for column in columns)
    Index(f"uq_agent_sessions_open_{name}", *parts, unique=True, sqlite_where=_open, postgresql_where=_open)


_open_unique("user", "user")
_open_unique("room", "asterisk", "room")
_open_unique("phone", "phone")
_open_unique("call", "call_id")  # nobody is ever given two callers, and no caller two agents
Index("ix_agent_sessions_user", agent_sessions.c.user, agent_sessions.c.state_since)

calls = Table(
    "calls",
    metadata,
    text("id", key=True),
    text("legacy_id"),
    text("legacy_uniqueid"),
    *(text(name) for name in ("kind", "state", "asterisk", "campaign", "number", "e164", "queue", "trunk")),
    *(text(name) for name in ("dial", "caller_id")),
    Column("lead_id", BigInt),
    *(text(name) for name in ("user", "session_id", "room", "asked_by", "channel")),
    moment("asked_at", needed=True),
    *(moment(f"{name}_at") for name in ("sent", "dialing", "ringing", "answered", "bridged")),
    moment("ended_at"),
    moment("disposed_at"),
    moment("hangup_asked_at"),
    count("wrapup_seconds"),
    text("default_status"),
    Column("hangup_cause", Integer),
    *(text(name) for name in ("dial_status", "end_reason", "network_status", "pending_status", "status")),
    Column("status_source", Line),
    count("version"),
    UniqueConstraint("legacy_id"),
    UniqueConstraint("legacy_uniqueid"),
    one_of("kind", CallKind),
    one_of("state", CallState),
    one_of("status_source", StatusSource),
    CheckConstraint("(state = 'disposed') = (disposed_at IS NOT NULL)", name="disposed"),
    CheckConstraint("state <> 'disposed' OR status <> ''", name="disposed_status"),
    Index("ix_calls_asked_at", "asked_at"),
    Index("ix_calls_lead_id", "lead_id"),
    Index("ix_calls_number", "number"),
    Index("ix_calls_user", "user", "asked_at"),
)
_undisposed = calls.c.disposed_at.is_(None)
Index("ix_calls_open", calls.c.asterisk, sqlite_where=_undisposed, postgresql_where=_undisposed)
Index("ix_calls_open_channel", calls.c.channel, sqlite_where=_undisposed, postgresql_where=_undisposed)
Index("ix_calls_open_user", calls.c.user, sqlite_where=_undisposed, postgresql_where=_undisposed)
