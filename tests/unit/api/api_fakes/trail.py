"""An audit trail in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bridge.access.model import Principal
from bridge.audit.entry import Entry
from bridge.audit.model import AuditQuery, AuditRow, Usage


class FakeTrail:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.rows: list[AuditRow] = []
        self.queries: list[AuditQuery] = []

    async def record(self, entry: Entry) -> None:
        entry.close()
        self.entries.append(entry)

    async def page(self, query: AuditQuery) -> Sequence[AuditRow]:
        self.queries.append(query)
        return [row for row in self.rows if not query.before or row.id < query.before][: query.limit]

    async def usage(self, principals: Sequence[Principal], days: int = 90) -> Sequence[Usage]:
        return [
            Usage(
                user=each.user,
                days=days,
                rights=2,
                used=1,
                unused=("logout",),
                last_used=datetime(2026, 11, 24, 12, tzinfo=UTC),
                last_address="192.0.2.7",
                functions={},
            )
            for each in principals
        ]
