"""The views that other programs may read: `report_calls`, `report_agent_time`, `report_leads`.

What each column means, and what is promised of it, stands in docs/sql-views.md. They are made anew after
every migration, and taken away before it: a table that a view reads cannot be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import DDL, Connection, text

VERSION: Final = 1
"""Of the promise; see docs/sql-views.md for what makes it another one."""

_CALLS: Final = """
SELECT id AS call_id,
       CASE kind WHEN 'Y' THEN 'in' ELSE 'out' END AS direction,
       kind,
       state,
       campaign,
       queue AS in_group,
       "user" AS agent,
       lead_id,
       number,
       e164,
       did,
       caller_id,
       trunk,
       asterisk,
       status,
       status_source,
       end_reason,
       hangup_cause,
       dial_status,
       answered_by,
       parent AS parent_call_id,
       asked_at,
       sent_at,
       dialing_at,
       ringing_at,
       answered_at,
       bridged_at,
       ended_at,
       disposed_at
  FROM calls
"""

_AGENT_TIME: Final = """
SELECT id AS span_id,
       session_id,
       "user" AS agent,
       campaign,
       "group" AS user_group,
       state,
       pause_reason,
       call_id,
       began_at,
       ended_at,
       milliseconds
  FROM agent_spans
"""

_LEAD: Final = """
SELECT l.id AS lead_id,
       l.list_id,
       COALESCE(lists.campaign, '') AS campaign,
       {archived} AS archived,
       l.status,
       l."user" AS agent,
       l.owner,
       l.vendor_lead_code,
       l.source_id,
       l.phone_code,
       l.phone_number,
       l.country_code,
       l.state,
       l.postal_code,
       l.rank,
       l.called_count,
       l.called_since_last_reset,
       l.entry_date AS entered_at,
       l.modify_date AS changed_at,
       l.last_local_call_time AS last_called_at
  FROM {table} AS l
  LEFT JOIN lists ON lists.id = l.list_id
"""

VIEWS: Final = {
    "report_calls": _CALLS,
    "report_agent_time": _AGENT_TIME,
    "report_leads": f"{_LEAD.format(table='leads', archived=0)}"
    f"UNION ALL{_LEAD.format(table='archived_leads', archived=1)}",
}
"""Name → what it selects."""


Readers = Mapping[str, Sequence[str]]
"""View → roles of the database server that may read it."""

_READERS: Final = text(
    """SELECT DISTINCT grantee FROM information_schema.role_table_grants
        WHERE table_schema = current_schema() AND table_name = :view
          AND privilege_type = 'SELECT' AND grantee <> current_user"""
)


def drop(conn: Connection) -> Readers:
    """Take them away, as far as they are there; who could read them."""
    readers = {name: _readers(conn, name) for name in VIEWS}
    for name in VIEWS:
        conn.execute(_ddl("DROP VIEW IF EXISTS %(name)s", name=name))
    return readers


def make(conn: Connection, readers: Readers) -> None:
    """Make them, in a schema that is the newest, for the same readers."""
    quote = conn.dialect.identifier_preparer.quote_identifier
    for name, query in VIEWS.items():
        conn.execute(_ddl("CREATE VIEW %(name)s AS %(query)s", name=name, query=query))
        for reader in readers[name]:
            role = reader if reader == "PUBLIC" else quote(reader)
            conn.execute(_ddl("GRANT SELECT ON %(name)s TO %(role)s", name=name, role=role))


def _ddl(statement: str, **names: str) -> DDL:
    """A statement with names in it, which cannot be bound: those of this module, and roles in quotes."""
    return DDL(statement, context=names)  # type: ignore[no-untyped-call]


def _readers(conn: Connection, name: str) -> Sequence[str]:
    if conn.dialect.name == "sqlite":  # who may read the file may read it all
        return ()
    return [str(row.grantee) for row in conn.execute(_READERS, {"view": name})]
