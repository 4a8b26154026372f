"""Leads, and the numbers that must not be called."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Index, Integer, Table, UniqueConstraint, and_, literal_column

from bridge.campaigns.url_template import URL_FIELDS
from bridge.store.columns import count, flag, metadata, moment, one_of, text
from bridge.store.types import BigInt, Json, JsonInOrder, Line

lists = Table(
    "lists",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=False),
    *(text(name) for name in ("name", "description", "campaign", "caller_id", "country")),
    flag("active", on=True),
    text("call_time"),
    moment("expires_at"),
    Column("custom_fields", JsonInOrder, nullable=False, server_default="{}"),  # name -> type
    Column("line_settings", Json, nullable=False, server_default="{}"),
    *(moment(name) for name in ("created_at", "changed_at")),
    moment("called_at"),  # to the minute
    count("resets"),  # on the day of the last of them
    moment("reset_at"),
    *(text(name) for name in URL_FIELDS),
    Index("ix_lists_campaign", "campaign"),
)


def _lead_columns() -> list[Column[Any]]:
    """What a lead is, here and in the archive."""
    return [
        Column("list_id", BigInt, nullable=False),  # no foreign key: leads of a deleted list stay readable
        Column("entry_list_id", BigInt, nullable=False, server_default="0"),
        Column("status", Line, nullable=False, server_default="NEW"),
        *(text(name) for name in ("user", "owner", "vendor_lead_code", "source_id")),
        *(text(name) for name in ("phone_code", "phone_number", "alt_phone", "email")),
        *(text(name) for name in ("title", "first_name", "middle_initial", "last_name")),
        *(text(name) for name in ("address1", "address2", "address3", "city", "state", "province")),
        *(text(name) for name in ("postal_code", "country_code", "gender", "date_of_birth")),
        *(text(name) for name in ("security_phrase", "comments")),
        Column("gmt_offset_minutes", Integer),
        count("rank"),
        count("called_count"),
        Column("called_since_last_reset", Line, nullable=False, server_default="N"),
        Column("custom", Json, nullable=False, server_default="{}"),
        moment("entry_date"),
        moment("modify_date"),
        moment("last_local_call_time"),
    ]


leads = Table(
    "leads",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    *_lead_columns(),
    Index("ix_leads_phone_number", "phone_number"),
    Index("ix_leads_alt_phone", "alt_phone"),
    Index("ix_leads_list_id_status", "list_id", "status"),
    Index("ix_leads_vendor_lead_code", "vendor_lead_code"),
    sqlite_autoincrement=True,  # an id is never given out twice, even after the newest lead was deleted
)
Index(
    "ix_leads_next",  # of a list, the leads that may be dialled, in their order
    leads.c.list_id,
    leads.c.status,
    leads.c.called_since_last_reset,
    leads.c.rank.desc(),
    leads.c.id,
)

archived_leads = Table(
    "archived_leads",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=False),
    *_lead_columns(),
    Index("ix_archived_leads_phone_number", "phone_number"),
    Index("ix_archived_leads_vendor_lead_code", "vendor_lead_code"),
    Index("ix_archived_leads_list_id", "list_id"),
)
"""Leads that are kept and not dialled."""

alt_numbers = Table(
    "alt_numbers",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("lead_id", BigInt, nullable=False),
    *(text(name) for name in ("phone_code", "number", "note")),
    count("rank"),  # 1 is dialled first
    flag("active", on=True),
    Index("ix_alt_numbers_lead_id", "lead_id"),
    sqlite_autoincrement=True,
)
"""More numbers of a lead than its own two."""

callbacks = Table(
    "callbacks",
    metadata,
    text("call_id", key=True),
    Column("lead_id", BigInt),
    *(text(name) for name in ("campaign", "user", "status", "asked")),
    moment("due_at"),
    text("comments"),
    moment("made_at", needed=True),
    Column("list_id", BigInt, nullable=False, server_default="0"),
    Column("state", Line, nullable=False, server_default="ACTIVE"),
    text("made_by"),
    flag("archived"),
    text("done_call"),
    Index("ix_callbacks_lead_id", "lead_id"),
    Index("ix_callbacks_campaign", "campaign", "due_at"),
    Index("ix_callbacks_due_at", "due_at", "call_id"),
)
_waits = and_(callbacks.c.state == literal_column("'ACTIVE'"), callbacks.c.due_at.is_not(None))
Index("ix_callbacks_waiting", callbacks.c.due_at, sqlite_where=_waits, postgresql_where=_waits)

dnc = Table(
    "dnc",
    metadata,
    text("campaign", key=True),  # empty: for the whole system
    text("number", key=True),
    Column("kind", Line, primary_key=True, server_default="number"),
    text("added_by"),
    moment("added_at"),
    one_of("kind", ("number", "area_code", "prefix")),
    Index("ix_dnc_number", "number"),
)

filter_groups = Table("filter_groups", metadata, text("name", key=True), text("title"))
"""Groups of callers that in-groups and DIDs sort out."""

filter_numbers = Table("filter_numbers", metadata, text("group", key=True), text("number", key=True))

imports = Table(
    "imports",
    metadata,
    text("id", key=True),
    *(text(name) for name in ("name", "by")),
    Column("list_id", BigInt, nullable=False),
    *(Column(name, Json, nullable=False) for name in ("plan", "titles")),
    *(count(name) for name in ("total", "position", "added", "refused")),
    moment("begun_at", needed=True),
    moment("changed_at", needed=True),
    Index("ix_imports_begun_at", "begun_at"),
)

import_refusals = Table(
    "import_refusals",
    metadata,
    text("import_id", key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    *(text(name) for name in ("column", "why")),
    Column("cells", Json, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    text("id", key=True),
    *(text(name) for name in ("name", "by", "bridge", "state", "why", "import_id")),
    *(Column(name, BigInt, nullable=False, server_default="0") for name in ("size", "received", "list_id")),
    Column("plan", Json, nullable=False, server_default="{}"),
    Column("titles", Json, nullable=False, server_default="[]"),
    flag("again"),
    moment("created_at", needed=True),
    moment("changed_at", needed=True),
    Index("ix_uploads_bridge_state", "bridge", "state"),
    Index("ix_uploads_by_state", "by", "state"),
)
"""Files that are sent over HTTP: each becomes an import, or the same one as another has."""


def _in_force(table: Table) -> ColumnElement[bool]:
    return and_(table.c.in_force_at.is_not(None), table.c.replaced_at.is_(None))


dnc_versions = Table(
    "dnc_versions",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    *(text(name) for name in ("key", "name", "campaign", "source", "version", "dated", "by")),
    *(count(name) for name in ("total", "position", "numbers", "refused")),
    moment("begun_at", needed=True),
    moment("in_force_at"),
    moment("replaced_at"),
    UniqueConstraint("key"),
    sqlite_autoincrement=True,
)
"""Versions of imported do-not-call lists; those that were replaced stay, as evidence."""
Index(
    "uq_dnc_versions_in_force",
    dnc_versions.c.name,
    unique=True,
    sqlite_where=_in_force(dnc_versions),
    postgresql_where=_in_force(dnc_versions),
)

dnc_numbers = Table(
    "dnc_numbers",
    metadata,
    text("number", key=True),
    Column("kind", Line, primary_key=True),
    Column("version", BigInt, primary_key=True, autoincrement=False),
    one_of("kind", ("number", "area_code", "prefix")),
    Index("ix_dnc_numbers_version", "version"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("lead_id", BigInt, nullable=False),  # no foreign key: it stays when the lead goes
    *(text(name) for name in ("e164", "purpose")),
    moment("given_at", needed=True),
    *(text(name) for name in ("source", "shown", "given_by")),
    moment("recorded_at", needed=True),
    text("recorded_by"),
    moment("revoked_at"),
    *(text(name) for name in ("revoked_how", "revoked_by")),
    Index("ix_consents_e164", "e164"),
    Index("ix_consents_lead_id", "lead_id"),
    sqlite_autoincrement=True,
)
