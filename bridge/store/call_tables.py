"""Sessions of agents, and calls."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, UniqueConstraint, literal_column

from bridge.agents.model import AgentState
from bridge.calls.model import CallKind, CallState, StatusSource
from bridge.store.columns import count, flag, metadata, moment, one_of, text
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
    text("channel"),
    Column("preview", Json),
    flag("blended", on=True),
    flag("on_hook"),
    text("playback"),
    flag("playback_paused"),
    text("next_channel"),
    moment("code_since"),
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

agent_spans = Table(
    "agent_spans",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    *(text(name) for name in ("session_id", "user", "campaign", "group", "state", "pause_reason", "call_id")),
    moment("began_at", needed=True),
    moment("ended_at", needed=True),
    Column("milliseconds", BigInt, nullable=False),  # so that sums need no arithmetic of times
    one_of("state", AgentState),
    Index("ix_agent_spans_began_at", "began_at"),
    Index("ix_agent_spans_user", "user", "began_at"),
)
"""What an agent has done from when to when; what she does now stands in her session."""

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
    *(text(name) for name in ("parent", "volley", "room_channel", "for_user", "extension", "did")),
    text("answered_by"),  # person or machine, where detection ran
    *(moment(name) for name in ("parked_at", "extension_answered_at")),
    Column("messages", Json, nullable=False, server_default="[]"),
    UniqueConstraint("legacy_id"),
    UniqueConstraint("legacy_uniqueid"),
    one_of("kind", CallKind),
    one_of("state", CallState),
    one_of("status_source", StatusSource),
    CheckConstraint("(state = 'disposed') = (disposed_at IS NOT NULL)", name="disposed"),
    CheckConstraint("state <> 'disposed' OR status <> ''", name="disposed_status"),
    Index("ix_calls_asked_at", "asked_at"),
    Index("ix_calls_lead_id", "lead_id"),
    Index("ix_calls_number", "number", "asked_at"),
    Index("ix_calls_user", "user", "asked_at"),
)
Index(
    "ix_calls_parent",
    calls.c.parent,
    sqlite_where=calls.c.parent != "",
    postgresql_where=calls.c.parent != "",
)
_reported = {  # said by reports alone, so that nothing else is led away from its own index
    "campaign": calls.c.kind != literal_column("'TW'"),
    "queue": calls.c.queue != literal_column("''"),
    "did": calls.c.did != literal_column("''"),
}
for _name, _said in _reported.items():
    Index(
        f"ix_calls_{_name}",
        calls.c[_name],
        calls.c.asked_at,
        sqlite_where=_said,
        postgresql_where=_said,
    )
_left = calls.c.sent_at.is_not(None)
Index(
    "ix_calls_asked_by",
    calls.c.asked_by,
    calls.c.asked_at,
    sqlite_where=_left,
    postgresql_where=_left,
)
Index("ix_calls_e164", calls.c.e164, calls.c.asked_at, sqlite_where=_left, postgresql_where=_left)
_automatic = (calls.c.kind == literal_column("'V'")) & calls.c.answered_at.is_not(None)
Index(
    "ix_calls_drops",  # of a campaign, what has become of its answered calls
    calls.c.campaign,
    calls.c.asked_at,
    calls.c.status,
    sqlite_where=_automatic,
    postgresql_where=_automatic,
)
_undisposed = calls.c.disposed_at.is_(None)
Index("ix_calls_open_asked_by", calls.c.asked_by, sqlite_where=_undisposed, postgresql_where=_undisposed)
Index("ix_calls_open", calls.c.asterisk, sqlite_where=_undisposed, postgresql_where=_undisposed)
Index("ix_calls_open_channel", calls.c.channel, sqlite_where=_undisposed, postgresql_where=_undisposed)
Index("ix_calls_open_user", calls.c.user, sqlite_where=_undisposed, postgresql_where=_undisposed)

verdicts = Table(
    "verdicts",
    metadata,
    text("call_id", key=True),
    moment("at", needed=True),
    *(text(name) for name in ("e164", "campaign", "purpose")),
    flag("allowed"),
    *(text(name) for name in ("rule", "why", "source")),
    Column("grounds", Json, nullable=False, server_default="[]"),  # what each rule has found
    Index("ix_verdicts_e164", "e164", "at"),
)
"""What the gate has said of each call."""

agent_screens = Table(
    "agent_screens",
    metadata,
    text("session_id", key=True),
    Column("data", Json, nullable=False, server_default="{}"),  # what a page has to show beside lead and call
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    *(text(name) for name in ("filename", "call_id", "session_id", "user", "campaign", "asterisk", "room")),
    Column("lead_id", BigInt),
    text("asked_by"),
    moment("started_at", needed=True),
    moment("ended_at"),
    Index("ix_recordings_call_id", "call_id"),
    Index("ix_recordings_lead_id", "lead_id"),
    Index("ix_recordings_started_at", "started_at"),
    Index("ix_recordings_user", "user", "started_at"),
    UniqueConstraint("filename"),
    sqlite_autoincrement=True,
)
_running = recordings.c.ended_at.is_(None)
Index(
    "uq_recordings_running",
    recordings.c.asterisk,
    recordings.c.room,
    unique=True,  # a room is recorded once at a time
    sqlite_where=_running,
    postgresql_where=_running,
)

manual_dials = Table(
    "manual_dials",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    *(text(name) for name in ("user", "campaign", "number")),
    Column("request", Json, nullable=False),  # the wish as it was asked
    Column("state", Line, nullable=False, server_default="waiting"),
    text("call_id"),
    moment("made_at", needed=True),
    moment("settled_at"),
    one_of("state", ("waiting", "dialled", "dropped")),
    sqlite_autoincrement=True,
)
_waiting = manual_dials.c.state == "waiting"
Index(
    "uq_manual_dials_waiting",
    manual_dials.c.user,
    manual_dials.c.number,
    unique=True,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    *(text(name) for name in ("recipient", "recipient_type", "text", "made_by")),
    Column("look", Json, nullable=False, server_default="{}"),  # font, size, colour, confetti
    flag("retry"),
    Column("seen", Json, nullable=False, server_default="[]"),  # who has got it, of one that is kept
    moment("due_at", needed=True),
    moment("made_at", needed=True),
    moment("sent_at"),
    one_of("recipient_type", ("USER", "USER_GROUP", "CAMPAIGN")),
    sqlite_autoincrement=True,
)
_unsent = notifications.c.sent_at.is_(None)
Index("ix_notifications_unsent", notifications.c.due_at, sqlite_where=_unsent, postgresql_where=_unsent)
