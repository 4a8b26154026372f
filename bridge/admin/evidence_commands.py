"""What can be shown of the calls to one number."""

from __future__ import annotations

from datetime import datetime

from bridge.admin.command import Command, Parts
from bridge.audit.entry import Entry
from bridge.evidence.collect import collect
from bridge.evidence.model import Evidence


class CollectEvidence(Command[Evidence], frozen=True, kw_only=True):
    """All that is on record of a number within a time; that somebody has asked stands in the audit trail."""

    number: str
    begin: datetime
    end: datetime

    def tell(self, entry: Entry) -> None:
        """Which number."""
        entry.on_number(self.number)

    async def do(self, parts: Parts) -> Evidence:
        """See `Command`."""
        return await collect(parts.db, parts.leads.country, self.number, self.begin, self.end)
