"""Leads in memory, as far as `/v1` asks of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from api_fakes.work import Record
from bridge.leads.model import DncEntry, Lead, NewLead


class FakeListDesk:
    def __init__(self, record: Record) -> None:
        self.record = record

    async def leave_hopper(self, list_id: int, campaign: str) -> int:
        self.record.add("leave hopper", str(list_id), campaign)
        return 1


class FakeLeads:
    def __init__(self, record: Record) -> None:
        self.record = record
        self.kept: dict[int, Lead] = {}
        self.forbidden: list[DncEntry] = []

    async def get(self, lead_id: int) -> Lead | None:
        return self.kept.get(lead_id)

    async def by_vendor_code(self, code: str) -> Lead | None:
        found = [lead for lead in self.kept.values() if lead.vendor_lead_code == code]
        return max(found, key=lambda lead: lead.id, default=None)

    async def add(
        self, lead: NewLead, *, campaign: str = "", source: str = "", called_at: datetime | None = None
    ) -> int:
        assert called_at is not None, "no dialler calls it before the agent does"
        number = 501 + len(self.kept)
        self.record.add("add lead", campaign, str(lead.list_id), lead.phone_number, lead.user, source)
        self.kept[number] = Lead(id=number, **msgspec.structs.asdict(lead))
        return number

    async def dnc_hits(self, number: str, campaign: str = "") -> Sequence[DncEntry]:
        return [hit for hit in self.forbidden if hit.number == number and hit.campaign in ("", campaign)]
