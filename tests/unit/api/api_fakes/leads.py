"""Leads in memory, as far as `/v1` asks of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from api_fakes.work import Record
from bridge.campaigns.errors import ItemExists, NoSuchItem
from bridge.dnc.entries import entry_of, whole_entry
from bridge.dnc.model import Version
from bridge.ids import uuid7
from bridge.leads.adding import Added, Adding, ToCallBack
from bridge.leads.alternates import AltNumber
from bridge.leads.callbacks import Callback, ChangedCallback, Place, Wanted
from bridge.leads.changing import Changed, Changing, Dearchived
from bridge.leads.duplicates import Duplicate
from bridge.leads.filter_groups import FilterGroup
from bridge.leads.lists import ListCounts, ListFacts
from bridge.leads.model import DncEntry, Lead, NewLead
from bridge.leads.numbers import canonical
from bridge.leads.promising import Promised


class FakeDnc:
    """Do-not-call entries, and versions of imported lists."""

    def __init__(self) -> None:
        self.own: list[DncEntry] = []
        self.imported: list[DncEntry] = []
        self.known: list[Version] = []

    async def add_dnc(self, number: str, *, campaign: str = "", by: str = "") -> bool:
        entry = whole_entry(number, "US", campaign, by)
        if self._same(entry):
            return False
        self.own.append(entry)
        return True

    async def remove_dnc(self, number: str, *, campaign: str = "") -> bool:
        same = self._same(entry_of(number, "US", campaign))
        self.own = [one for one in self.own if one not in same]
        return bool(same)

    async def dnc_hits(self, number: str, campaign: str = "") -> list[DncEntry]:
        wanted = entry_of(number, "US").number
        every = [*self.own, *self.imported]
        return [one for one in every if one.number == wanted and one.campaign in ("", campaign)]

    async def dnc(self, campaign: str = "", *, after: str = "", limit: int) -> list[DncEntry]:
        found = sorted((one for one in self.own if one.campaign == campaign), key=lambda one: one.number)
        return [one for one in found if f"{one.number}_{one.kind}" > after][:limit]

    async def holding(self, campaign: str) -> list[Version]:
        return [one for one in self.known if one.in_force and one.campaign in ("", campaign)]

    async def versions(self, *, after: int, limit: int) -> list[Version]:
        return [one for one in self.known if one.id > after][:limit]

    def _same(self, entry: DncEntry) -> list[DncEntry]:
        wanted = entry.number, entry.kind, entry.campaign
        return [one for one in self.own if (one.number, one.kind, one.campaign) == wanted]


class FakeFilters:
    """Groups of filtered numbers."""

    def __init__(self) -> None:
        self.kept: dict[str, FilterGroup] = {}
        self.inside: dict[str, set[str]] = {}

    async def groups(self, *, after: str = "", limit: int) -> list[FilterGroup]:
        return [self.kept[name] for name in sorted(self.kept) if name > after][:limit]

    async def make(self, group: FilterGroup) -> None:
        if group.name in self.kept:
            raise ItemExists("filter group", group.name)
        self.kept[group.name], self.inside[group.name] = group, set()

    async def drop(self, name: str) -> None:
        self._of(name)
        del self.kept[name], self.inside[name]

    async def numbers(self, name: str, *, after: str = "", limit: int) -> list[str]:
        return [number for number in sorted(self._of(name)) if number > after][:limit]

    async def has(self, name: str, number: str) -> bool:
        return canonical(number, "US") in self._of(name)

    async def add(self, name: str, number: str) -> bool:
        known = await self.has(name, number)
        self._of(name).add(canonical(number, "US"))
        return not known

    async def remove(self, name: str, number: str) -> bool:
        known = await self.has(name, number)
        self._of(name).discard(canonical(number, "US"))
        return known

    def _of(self, name: str) -> set[str]:
        if name not in self.kept:
            raise NoSuchItem("filter group", name)
        return self.inside[name]


class FakeListDesk:
    def __init__(self, record: Record) -> None:
        self.record = record

    async def leave_hopper(self, list_id: int, campaign: str) -> int:
        self.record.add("leave hopper", str(list_id), campaign)
        return 1

    async def counts(self, list_id: int) -> ListCounts:
        return ListCounts(all=10 + list_id, new=3)

    async def facts(self, _list_id: int, now: datetime) -> ListFacts | None:
        return ListFacts(changed_at=now, called_at=None, resets_today=2)

    async def dialable(self, _list_id: int, statuses: Sequence[str]) -> int:
        return len(statuses)

    async def reset(self, list_id: int, campaign: str) -> int:
        self.record.add("reset", str(list_id), campaign)
        return 5

    async def delete_leads(self, list_id: int, *, archived: bool = False) -> int:
        self.record.add("delete leads", str(list_id), str(archived))
        return 4


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


class FakeDesk:
    """Adds leads as the routes ask for it."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.added: list[Adding] = []
        self.kept: dict[int, Lead] = {}
        self.archive: dict[int, Lead] = {}
        self.changed: list[Changing] = []
        self.duplicate: Duplicate | None = None
        self.promised: dict[str, Callback] = {}
        self.wanted: list[Wanted] = []
        self.others: dict[int, list[AltNumber]] = {}

    async def add(self, wish: Adding) -> Added:
        if wish.consent is not None:
            wish.consent.check(datetime.now(UTC))
        if wish.unless and self.duplicate is not None:
            return Added(duplicate=self.duplicate)
        self.added.append(wish)
        self.record.add("add lead", str(wish.lead.list_id), wish.lead.phone_number, wish.source)
        return Added(lead_id=700 + len(self.added), hopper_id=9 if wish.hopper else None)

    async def get(self, lead_id: str, *, archived: bool = False) -> Lead | None:
        return (self.archive if archived else self.kept).get(int(lead_id))

    async def dearchive(self, lead_id: int) -> Dearchived:
        if lead_id in self.kept:
            return Dearchived.THERE_ALREADY
        self.kept[lead_id] = self.archive.pop(lead_id)
        return Dearchived.DONE

    async def find(self, by: str, value: str, *, limit: int, before: int | None = None) -> list[Lead]:
        newest = sorted(self.kept.values(), key=lambda lead: -lead.id)
        behind = [lead for lead in newest if before is None or lead.id < before]
        return [lead for lead in behind if getattr(lead, by) == value][:limit]

    async def change(self, wish: Changing) -> Changed:
        lead = self.kept[wish.lead_id]
        custom = {"custom": {**lead.custom, **wish.custom}} if wish.custom else {}
        self.kept[lead.id] = msgspec.structs.replace(lead, **wish.fields, **custom)
        self.changed.append(wish)
        return Changed(rows=1)

    async def by_ids(self, ids: Iterable[int], limit: int) -> list[Lead]:
        return [self.kept[one] for one in ids if one in self.kept][:limit]

    async def numbers(self, lead_id: int) -> list[AltNumber]:
        return self.others.get(lead_id, [])

    async def set_numbers(self, lead_id: int, numbers: Sequence[AltNumber]) -> bool:
        self.record.add("numbers", str(lead_id), *(number.number for number in numbers))
        self.others[lead_id] = list(numbers)
        return lead_id in self.kept

    async def callback(self, call_id: str) -> Callback | None:
        return self.promised.get(call_id)

    async def callback_page(self, wanted: Wanted, after: Place, limit: int) -> list[Callback]:
        """Which are found is the store's business; these stand in the order in which they were made."""
        self.wanted.append(wanted)
        gone = wanted.taken_back or wanted.done
        found = [one for one in self.promised.values() if one.archived == gone]
        if wanted.taken_back != wanted.done:
            found = [one for one in found if bool(one.done_call) == wanted.done]
        ids = [one.call_id for one in found]
        begin = ids.index(after.call_id) + 1 if after.call_id in ids else 0
        return found[begin : begin + limit]

    async def promise(self, lead_id: int, wish: ToCallBack) -> Promised | None:
        lead = self.kept.get(lead_id)
        if lead is None:
            return None
        for one in self.promised.values():
            if one.lead_id == lead_id and not one.archived:
                return Promised(callback=one, new=False)
        made = Callback(
            call_id=uuid7(),
            lead_id=lead_id,
            asked=wish.at,
            made_at=datetime.now(UTC),
            list_id=lead.list_id,
            **{name: getattr(wish, name) for name in wish.__struct_fields__ if name != "at"},
        )
        self.promised[made.call_id] = made
        self.record.add("promise", str(lead_id), wish.campaign, wish.user, wish.at)
        return Promised(callback=made, new=True)

    async def change_callback(self, call_id: str, wish: ChangedCallback) -> Callback | None:
        known = self.promised[call_id]
        if known.archived:
            return None
        self.record.add("change callback", call_id)
        self.promised[call_id] = msgspec.structs.replace(known, **wish.values())
        return self.promised[call_id]

    async def take_back(self, call_id: str) -> bool:
        known = self.promised[call_id]
        self.promised[call_id] = msgspec.structs.replace(known, archived=True, state="INACTIVE")
        self.record.add("take back", call_id)
        return not known.archived
