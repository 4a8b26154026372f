"""Users and the site: what an administrator sets up."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, Index, Table

from bridge.campaigns.messages import STATED
from bridge.campaigns.url_template import URL_FIELDS
from bridge.store.columns import count, flag, metadata, moment, one_of, text
from bridge.store.types import BigInt, Json, Line

users = Table(
    "users",
    metadata,
    text("user", key=True),
    text("name"),
    text("group"),  # no foreign key: a user may name a group that is not defined; it then grants nothing
    Column("kind", Line, nullable=False, server_default="agent"),
    count("level", 1),
    flag("active", on=True),
    flag("api_access"),
    flag("manual_dial", on=True),
    text("secret_hash"),
    Column("functions", Json),  # names; NULL means all
    Column("rights", Json, nullable=False, server_default="{}"),  # right -> level of it
    text("crm_id"),
    text("phone"),
    text("team"),  # `custom_four`
    Column("queues", Json),  # in-groups at login; NULL means those of the campaign
    Column("limits", Json, nullable=False, server_default="{}"),  # see `bridge.access.limits`
    text("stopped"),  # why, if it has broken them
    text("remote"),  # campaign of a remote agent
    Column("line_settings", Json, nullable=False, server_default="{}"),
    moment("created_at"),
    moment("updated_at"),
    one_of("kind", ("agent", "api", "manager")),
    CheckConstraint("level BETWEEN 0 AND 9", name="level"),
    Index("ix_users_crm_id", "crm_id"),
)

login_failures = Table(
    "login_failures",
    metadata,
    text("user", key=True),  # of a name that no user has, a mark of four hexadecimal digits
    text("address", key=True),  # of IPv6 the first 64 bits
    count("count"),
    moment("failed_at", needed=True),
    moment("locked_until"),
    Index("ix_login_failures_failed_at", "failed_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    text("id", key=True),
    text("user"),
    text("name"),
    Column("digest", Line, nullable=False),
    moment("created_at", needed=True),
    moment("expires_at"),
    moment("revoked_at"),
    moment("last_used_at"),
    text("last_used_from"),
    Index("ix_api_keys_user", "user"),
    Index("uq_api_keys_digest", "digest", unique=True),
)

console_passwords = Table(
    "console_passwords",
    metadata,
    text("user", key=True),
    text("hash"),
    moment("set_at", needed=True),
)
"""Of agents: each logs in to her own page and to nothing else."""

console_sessions = Table(
    "console_sessions",
    metadata,
    text("id", key=True),
    text("user"),
    Column("digest", Line, nullable=False),
    moment("made_at", needed=True),
    moment("ends_at", needed=True),
    Index("ix_console_sessions_user", "user"),
    Index("uq_console_sessions_digest", "digest", unique=True),
)

console_links = Table(
    "console_links",
    metadata,
    Column("digest", Line, primary_key=True, nullable=False),
    text("user"),
    moment("ends_at", needed=True),
    Index("ix_console_links_user", "user"),
)
"""Those that have not been used yet."""

breaches = Table(
    "breaches",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    *(text(name) for name in ("user", "rule", "number")),
    moment("at", needed=True),
    Index("ix_breaches_user", "user", "at"),
    sqlite_autoincrement=True,
)
"""Numbers that an API user has asked for and may not call, until they are too many or an hour has passed."""

user_groups = Table(
    "user_groups",
    metadata,
    text("name", key=True),
    text("title"),
    Column("campaigns", Json),  # ids; NULL means all
    Column("sees_groups", Json),  # names; NULL means all
)

campaigns = Table(
    "campaigns",
    metadata,
    text("id", key=True),
    text("name"),
    flag("active", on=True),
    Column("dial_method", Line, nullable=False, server_default="MANUAL"),
    Column("dial_level", Float, nullable=False, server_default="0"),
    Column("max_dial_level", Float, nullable=False, server_default="3"),
    Column("shift", Line, nullable=False, server_default="09:00-21:00"),
    Column("api_manual_dial", Line, nullable=False, server_default="STANDARD"),
    Column("dial_statuses", Json, nullable=False, server_default="[]"),
    count("hopper_level", 100),
    Column("recycle", Json, nullable=False, server_default="[]"),
    Column("auto_alt_dial", Line, nullable=False, server_default="NONE"),
    Column(
        "auto_alt_dial_statuses",
        Json,
        nullable=False,
        server_default='["AB","ADC","B","DC","N","NA"]',
    ),
    count("call_count_limit"),
    count("attempts_per_day"),
    count("attempts_per_week"),
    text("consent"),  # the purpose for which it demands one
    Column("dnc_lists", Json, nullable=False, server_default="[]"),  # names of those that it needs
    Column("drop_limit", Float, nullable=False, server_default="3"),
    count("drop_lockout_hours", 72),
    Column("call_time", Line, nullable=False, server_default="24hours"),
    flag("inbound"),
    Column("queues", Json, nullable=False, server_default="[]"),
    text("default_transfer_queue"),
    Column("manual_list", BigInt),
    Column("preview", Line, nullable=False, server_default="DISABLED"),
    flag("alt_number_dialing"),
    flag("inbound_lead_search"),
    text("trunk"),
    text("caller_id"),
    text("caller_id_group"),
    count("dial_timeout", 60),  # seconds
    count("wrapup_seconds"),
    text("default_status"),
    Column("drop_seconds", Float, nullable=False, server_default="5"),
    text("abandon_message"),
    flag("amd"),
    Column("amd_seconds", Float, nullable=False, server_default="2"),
    Column("amd_action", Line, nullable=False, server_default="HANGUP"),
    text("machine_message"),
    text("opt_out_key"),
    *(text(name) for name in STATED),
    text("park_music"),
    Column("preset_options", Json, nullable=False, server_default="{}"),
    Column("line_settings", Json, nullable=False, server_default="{}"),
    Column("alt_urls", Json, nullable=False, server_default="[]"),
    *(text(name) for name in URL_FIELDS),
    text("script"),
    text("web_form_url"),
    one_of("api_manual_dial", ("STANDARD", "QUEUE", "QUEUE_AND_AUTOCALL")),
    CheckConstraint("dial_timeout > 0 AND wrapup_seconds >= 0 AND drop_seconds >= 0", name="seconds"),
)

in_groups = Table(
    "in_groups",
    metadata,
    text("name", key=True),
    text("title"),
    text("caller_id"),
    flag("active", on=True),
    *(text(name) for name in URL_FIELDS),
)

group_aliases = Table(
    "group_aliases",
    metadata,
    text("name", key=True),
    text("title"),
    text("caller_id"),
    flag("active", on=True),
)

caller_id_groups = Table(
    "caller_id_groups",
    metadata,
    text("name", key=True),
    text("title"),
)

caller_id_entries = Table(
    "caller_id_entries",
    metadata,
    text("group", key=True),
    text("area", key=True),  # an area code, a state, or NONE
    text("number", key=True),
    flag("active", on=True),
    text("description"),
)

own_numbers = Table(
    "own_numbers",
    metadata,
    text("number", key=True),  # E.164, with its +
    text("name"),
)

webhooks = Table(
    "webhooks",
    metadata,
    text("name", key=True),
    text("title"),
    text("url"),
    Column("types", Json, nullable=False, server_default="[]"),
    text("campaign"),
    Column("personal", Line, nullable=False, server_default="last_four"),
    flag("active", on=True),
    count("generation", 1),
    one_of("personal", ("last_four", "full", "hash", "none")),
)

call_times = Table(
    "call_times",
    metadata,
    text("name", key=True),
    *(text(name) for name in ("title", "hours", "source", "checked")),
    Column("days", Json, nullable=False, server_default="{}"),  # day of the week -> times
    Column("holidays", Json, nullable=False, server_default="{}"),  # date -> times
    Column("states", Json, nullable=False, server_default="{}"),  # state -> another call time
)

pause_codes = Table(
    "pause_codes",
    metadata,
    text("campaign", key=True),
    text("code", key=True),
    text("name"),
    flag("billable"),
)

statuses = Table(
    "statuses",
    metadata,
    text("campaign", key=True),  # empty: of the whole system
    text("status", key=True),
    text("name"),
    flag("selectable", on=True),
    flag("callback"),
)

presets = Table(
    "presets",
    metadata,
    text("campaign", key=True),
    text("name", key=True),
    text("number"),
)

phones = Table(
    "phones",
    metadata,
    text("login", key=True),
    text("name"),
    text("dial"),  # template, e.g. PJSIP/{phone}
    text("asterisk"),
    text("webphone_url"),
    flag("active", on=True),
    text("extension"),
    text("voicemail"),
    Column("line_settings", Json, nullable=False, server_default="{}"),
    flag("browser"),
    Index("ix_phones_extension", "extension"),
)

phone_secrets = Table(
    "phone_secrets",
    metadata,
    text("login", key=True),
    text("secret"),  # as it is: a browser registers with it
    moment("changed_at", needed=True),
)
"""Apart from the phones, so that nothing that shows a phone can show it."""

phone_aliases = Table(
    "phone_aliases",
    metadata,
    text("name", key=True),
    text("title"),
    Column("logins", Json, nullable=False, server_default="[]"),
)

trunks = Table(
    "trunks",
    metadata,
    text("name", key=True),
    text("template"),  # e.g. PJSIP/{number}@carrier
    text("asterisk"),
    flag("active", on=True),
    count("max_calls"),
    Column("calls_per_second", Float, nullable=False, server_default="5"),
)

dids = Table(
    "dids",
    metadata,
    text("number", key=True),
    text("name"),
    text("queue"),
    text("campaign"),
    flag("active", on=True),
    Column("line_settings", Json, nullable=False, server_default="{}"),
    flag("opt_out"),
    text("opt_out_key"),
    text("opt_out_sound"),
)
