"""A whole set of services, filled from a file that describes the world of the transcripts."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import msgspec

from api_fakes.files import FakeImports
from api_fakes.intake import FakeIntake
from api_fakes.leads import FakeDesk, FakeDnc, FakeFilters, FakeLeads, FakeListDesk
from api_fakes.manual import FakeManual
from api_fakes.metrics import FakeMetrics
from api_fakes.parties import FakeConference
from api_fakes.persons import FakePersons
from api_fakes.recorder import FakeDownloads, FakeRecordings
from api_fakes.reports import FakeReports
from api_fakes.screens import FakeScreens
from api_fakes.trail import FakeTrail
from api_fakes.who import FakeAccess
from api_fakes.work import (
    FakeAgents,
    FakeBrowserPhones,
    FakeCalls,
    FakeInGroups,
    FakeMonitoring,
    FakePhones,
    FakePlayback,
    Record,
)
from bridge.campaigns.call_time import CallTime
from bridge.campaigns.errors import ItemExists, NoSuchItem
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign, GroupAlias, Phone
from bridge.campaigns.own_number import OwnNumber, readings
from bridge.consent.model import Consent, Given
from bridge.dialer.by_hand import HopperPut
from bridge.dialer.model import HopperRow
from bridge.events.filters import Filter
from bridge.leads.model import NewLead
from bridge.secret import Secret
from bridge.services import (
    ApiOptions,
    Check,
    Claim,
    EventPage,
    EventQuery,
    Hopper,
    Intake,
    IntakeKeys,
    Item,
    LeadDesk,
    LeadNumbers,
    ListDesk,
    Picture,
    Screens,
    Services,
)
from bridge.why.model import CampaignWhy, LeadWhy

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DATA = Path(__file__).parents[3] / "data"


class FakeLookups:
    def __init__(self, world: Mapping[str, Any]) -> None:
        self.campaigns = {entry["id"]: msgspec.convert(entry, Campaign) for entry in world["campaigns"]}
        self.in_groups = set(world["in_groups"])
        default = world["lead_default"]
        self.leads = {
            int(key): LeadNumbers(lead_id=int(key), **(default | lead))
            for key, lead in world["leads"].items()
        }

    async def lead(self, lead_id: int) -> LeadNumbers | None:
        return self.leads.get(lead_id)

    async def manual_dial_mode(self, campaign: str) -> str:
        return self.campaigns[campaign].api_manual_dial

    async def is_callback(self, campaign: str, status: str) -> bool:
        return self.campaigns[campaign].is_callback(status)

    async def has_in_group(self, name: str) -> bool:
        return name in self.in_groups


class FakeSite:
    def __init__(self, *items: SiteItem) -> None:
        self.items: dict[tuple[type[SiteItem], str], SiteItem] = {
            (type(item), item.key): item for item in items
        }

    async def get(self, kind: type[Item], key: str) -> Item | None:
        return cast("Item | None", self.items.get((kind, key)))

    async def list(self, kind: type[Item], *, after: str = "", limit: int = 1000) -> Sequence[Item]:
        keys = sorted(key for of, key in self.items if of is kind and key > after)
        return [cast("Item", self.items[kind, key]) for key in keys][:limit]

    async def is_own(self, caller_id: str) -> bool:
        return any((OwnNumber, e164) in self.items for e164 in readings(caller_id, "US"))

    async def call_time(self, name: str) -> CallTime | None:
        return await self.get(CallTime, name)

    async def add(self, item: SiteItem, *, vouched: bool = False) -> None:
        del vouched
        if (type(item), item.key) in self.items:
            raise ItemExists(item.kind, item.key)
        self.items[type(item), item.key] = item

    async def put(self, item: SiteItem, *, vouched: bool = False) -> object:
        del vouched
        known = self.items.get((type(item), item.key))
        self.items[type(item), item.key] = item
        return None if known is None else ()

    async def edit(
        self, kind: type[Item], key: str, change: Callable[[Item | None], Item], *, vouched: bool = False
    ) -> None:
        await self.put(change(await self.get(kind, key)), vouched=vouched)

    async def replace(self, key: str, item: SiteItem) -> None:
        await self.remove(type(item), key)
        await self.add(item)

    async def phone_at(self, extension: str, asterisk: str, first: str) -> Phone | None:
        phones = [item for item in self.items.values() if isinstance(item, Phone)]
        at = [phone for phone in phones if (phone.asterisk or first) == asterisk]
        return next((phone for phone in at if phone.device == extension), None)

    async def refresh(self) -> None:
        pass

    async def remove(self, kind: type[SiteItem], key: str) -> None:
        if self.items.pop((kind, key), None) is None:
            raise NoSuchItem(kind.kind, key)


class FakeEvents:
    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.asked: list[tuple[int | None, Filter]] = []
        self.queries: list[EventQuery] = []
        self.page = EventPage([], None)

    async def past(self, query: EventQuery) -> EventPage:
        self.queries.append(query)
        return self.page

    async def stream(
        self,
        *,
        after: int | None,
        wanted: Filter,
        picture: Picture | None = None,  # noqa: ARG002
        heartbeat: float | None = None,  # noqa: ARG002
    ) -> AsyncGenerator[bytes, None]:
        self.asked.append((after, wanted))
        for frame in self.frames:
            yield frame


class FakeRawEvents:
    asterisks = ("main",)

    def __init__(self) -> None:
        self.asked: list[tuple[str, Sequence[str], str]] = []

    async def stream(
        self, asterisk: str, *, names: Sequence[str] = (), about: str = ""
    ) -> AsyncGenerator[bytes, None]:
        self.asked.append((asterisk, names, about))
        yield b"event: ami\ndata: {}\n\n"


class FakeIdempotency:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[str, Claim]] = {}

    async def claim(self, owner: str, key: str, fingerprint: str, call_id: str) -> Claim:
        kept = self.kept.get((owner, key))
        if kept is None:
            self.kept[owner, key] = (fingerprint, Claim(outcome="running", call_id=call_id))
            return Claim(outcome="new", call_id=call_id)
        return kept[1] if kept[0] == fingerprint else Claim(outcome="mismatch", call_id="")

    async def settle(self, owner: str, key: str, status: int, body: bytes) -> None:
        fingerprint, claim = self.kept[owner, key]
        done = Claim(outcome="done", call_id=claim.call_id, status=status, body=body)
        self.kept[owner, key] = (fingerprint, done)

    async def release(self, owner: str, key: str, call_id: str) -> None:
        if (kept := self.kept.get((owner, key))) and kept[1].call_id == call_id:
            del self.kept[owner, key]


@dataclass
class FakeHealth:
    states: list[Check] = field(default_factory=lambda: [Check(name="database", ok=True)])
    duties: list[str] = field(default_factory=list)

    async def checks(self) -> Sequence[Check]:
        return self.states


class FakeHopper:
    """The hopper as the routes see it."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.rows: list[HopperRow] = []

    async def page(self, campaign: str, *, after: tuple[int, int], limit: int) -> Sequence[HopperRow]:
        behind = [row for row in self.rows if (-row.priority, row.id) > (-after[0], after[1])]
        return [row for row in behind if row.campaign == campaign][:limit]

    async def put(self, campaign: str, lead_id: int, priority: int) -> HopperPut:
        self.record.commands.append(("hop", campaign, str(lead_id), str(priority)))
        return HopperPut(lead_id=lead_id, campaign=campaign, hopper_id=len(self.record.commands))


class FakeWhy:
    """Says of all that nothing keeps it."""

    async def lead(self, lead_id: int) -> LeadWhy:
        return LeadWhy(lead_id=lead_id, list_id=101, campaign="TESTCAMP", at=NOON, why="nothing", reasons=())

    async def campaign(self, name: str) -> CampaignWhy:
        return CampaignWhy(
            campaign=name,
            at=NOON,
            why="nothing",
            reasons=(),
            counts=(),
            dialable=0,
            asked=0,
            all_asked=True,
        )


class FakeConsents:
    """Consents as the routes see them."""

    def __init__(self, record: Record, leads: FakeLeads) -> None:
        self.record = record
        self.leads = leads
        self.given: list[Consent] = []

    async def add(self, lead_id: int, given: Given, by: str) -> Consent | None:
        given.check(datetime.now(UTC))
        said = {name: getattr(given, name) for name in Given.__struct_fields__ if name != "number"}
        new = Consent(
            id=1, lead_id=lead_id, e164="+17275550100", recorded_at=given.given_at, recorded_by=by, **said
        )
        self.given.append(new)
        self.record.commands.append(("consent", str(lead_id), given.purpose, by))
        return new

    async def add_lead(
        self, lead: NewLead, given: Given, by: str, *, campaign: str = "", called_at: datetime | None = None
    ) -> int:
        given.check(datetime.now(UTC))
        lead_id = await self.leads.add(lead, campaign=campaign, called_at=called_at)
        await self.add(lead_id, given, by)
        return lead_id

    async def revoke(self, lead_id: int, *, purpose: str = "", how: str, by: str) -> int | None:
        self.record.commands.append(("revoke", str(lead_id), purpose, how, by))
        return len(self.given)

    async def of_lead(self, lead_id: int) -> Sequence[Consent]:
        return [one for one in self.given if one.lead_id == lead_id]


@dataclass
class World:
    record: Record
    access: FakeAccess
    site: FakeSite
    lookups: FakeLookups
    calls: FakeCalls
    agents: FakeAgents
    manual: FakeManual
    in_groups: FakeInGroups
    playback: FakePlayback
    recordings: FakeRecordings
    phones: FakePhones
    monitoring: FakeMonitoring
    downloads: FakeDownloads
    options: ApiOptions = field(default_factory=lambda: ApiOptions(signing_key=Secret("k" * 32)))
    events: FakeEvents = field(default_factory=FakeEvents)
    raw: FakeRawEvents = field(default_factory=FakeRawEvents)
    idempotency: FakeIdempotency = field(default_factory=FakeIdempotency)
    health: FakeHealth = field(default_factory=FakeHealth)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    audit: FakeTrail = field(default_factory=FakeTrail)
    browser_phones: FakeBrowserPhones = field(default_factory=FakeBrowserPhones)

    def __post_init__(self) -> None:
        self.leads = FakeLeads(self.record)
        self.dnc = FakeDnc()
        self.filters = FakeFilters()
        self.desk = FakeDesk(self.record)
        self.hopper = FakeHopper(self.record)
        self.consents = FakeConsents(self.record, self.leads)
        self.persons = FakePersons(self.record)
        self.reports = FakeReports()
        self.imports = FakeImports(self.record)
        fake = FakeIntake(self.site)
        self.intake: Intake = fake
        self.intake_keys: IntakeKeys = fake
        self.forms = fake
        """The same as it is, for tests that look into it."""
        self.conference = FakeConference(self.record, self.agents)
        self.screens = FakeScreens(self.agents, self.leads)

    def services(self) -> Services:
        return Services(
            agents=self.agents,
            conference=self.conference,
            manual=self.manual,
            transfers=self.conference,
            in_groups=self.in_groups,
            playback=self.playback,
            phones=self.phones,
            browser_phones=self.browser_phones,
            monitoring=self.monitoring,
            calls=self.calls,
            recordings=self.recordings,
            downloads=self.downloads,
            access=self.access,
            audit=self.audit,
            site=self.site,
            lookups=self.lookups,
            events=self.events,
            raw=self.raw,
            idempotency=self.idempotency,
            health=self.health,
            metrics=self.metrics,
            screens=cast("Screens", self.screens),
            leads=self.leads,
            consents=self.consents,
            persons=self.persons,
            imports=self.imports,
            hopper_desk=self.hopper,
            why=FakeWhy(),
            dnc=self.dnc,
            dnc_lists=self.dnc,
            filters=self.filters,
            desk=cast(
                "LeadDesk", self.desk
            ),  # the non-agent API is tested over the real store, in tests/replay
            list_desk=cast("ListDesk", FakeListDesk(self.record)),
            hopper=cast("Hopper", None),
            reports=self.reports,
            intake=self.intake,
            intake_keys=self.intake_keys,
            options=self.options,
        )


def load_world() -> World:
    world = json.loads((DATA / "agent_world.json").read_text())
    record = Record()
    calls = FakeCalls(record)
    lookups = FakeLookups(world)
    aliases = [msgspec.convert(entry, GroupAlias) for entry in world["group_aliases"]]
    agents = FakeAgents(record, calls)
    return World(
        record=record,
        access=FakeAccess(world["users"], world["groups"]),
        site=FakeSite(*lookups.campaigns.values(), *aliases),
        lookups=lookups,
        calls=calls,
        agents=agents,
        manual=FakeManual(record, agents),
        in_groups=FakeInGroups(record, agents),
        playback=FakePlayback(record, agents),
        recordings=(recordings := FakeRecordings(record, agents)),
        downloads=FakeDownloads(recordings),
        phones=FakePhones(record, agents),
        monitoring=FakeMonitoring(record, agents),
    )
