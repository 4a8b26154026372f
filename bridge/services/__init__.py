"""What the APIs need of the rest of the bridge: one protocol for each part, and the values between them.

The service puts the real parts together; tests put fakes in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from zoneinfo import ZoneInfo

from bridge.rules import GOOD_FOR
from bridge.secret import Secret
from bridge.services.agents import (
    AgentPhones,
    Agents,
    BrowserPhones,
    Conference,
    InGroups,
    ManualDials,
    Monitoring,
    Playback,
    Screens,
    Transfers,
)
from bridge.services.calls import Calls, Downloads, HopperDesk, Leads, Recordings
from bridge.services.consents import Consents
from bridge.services.imports import ImportDesk
from bridge.services.intake import Intake, IntakeKeys
from bridge.services.leads import Dnc, DncVersions, FilterGroups, Hopper, LeadDesk, ListDesk
from bridge.services.parts import (
    Access,
    Audit,
    Events,
    Health,
    Idempotency,
    Item,
    Lookups,
    Metrics,
    Picture,
    RawEvents,
    Site,
)
from bridge.services.persons import Persons
from bridge.services.reports import Reports
from bridge.services.values import (
    Callback,
    CallQuery,
    Check,
    Claim,
    Dialled,
    DialRequest,
    EventPage,
    EventQuery,
    FieldsUpdated,
    LeadNumbers,
    Party,
    PlaybackControl,
    PreviewAction,
    QueueChange,
    RecordingQuery,
    ScreenSnapshot,
)
from bridge.services.why import Why

__all__ = [
    "Access",
    "AgentPhones",
    "Agents",
    "ApiOptions",
    "Audit",
    "BrowserPhones",
    "CallQuery",
    "Callback",
    "Calls",
    "Check",
    "Claim",
    "Conference",
    "Consents",
    "DialRequest",
    "Dialled",
    "Dnc",
    "DncVersions",
    "Downloads",
    "EventPage",
    "EventQuery",
    "Events",
    "FieldsUpdated",
    "FilterGroups",
    "Health",
    "Hopper",
    "HopperDesk",
    "Idempotency",
    "ImportDesk",
    "InGroups",
    "Intake",
    "IntakeKeys",
    "Item",
    "LeadDesk",
    "LeadNumbers",
    "Leads",
    "ListDesk",
    "Lookups",
    "ManualDials",
    "Monitoring",
    "Party",
    "Persons",
    "Picture",
    "Playback",
    "PlaybackControl",
    "PreviewAction",
    "QueueChange",
    "RawEvents",
    "RecordingQuery",
    "Recordings",
    "Reports",
    "ScreenSnapshot",
    "Screens",
    "Services",
    "Site",
    "Transfers",
    "Why",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """What the APIs take from the settings."""

    timezone: tzinfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """Zone of the times that the line format prints."""
    agent_api: bool = True
    """The line format's switch for the whole agent API."""
    outbound_cid: str = "DISABLED"
    """`API_ONLY` lets callers choose the number that is shown."""
    notifications: bool = True
    """The line format's switch for `send_notification`."""
    whisper: bool = True
    """The line format's switch for managers who speak to an agent alone."""
    intake_max_body: int = 65_536
    """Bytes of what a web form may post at once."""
    public_url: str = ""
    """How others reach the bridge; empty: as the reader of the description does."""
    signing_key: Secret = field(default_factory=Secret)
    """Of the secrets of webhooks; empty: there are none."""
    mqtt_prefix: str = "agent-bridge"
    """First part of the topics of events."""
    country: str = "US"
    """The site's own, two letters."""
    dnc_days: int = GOOD_FOR
    """Days from its date that an imported do-not-call list is good."""
    cors_origins: tuple[str, ...] = ()
    """Whose pages may read answers, beside our own."""
    frame_origins: tuple[str, ...] = ()
    """Whose web forms may stand in a frame of an agent's page."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Address of each Asterisk by its name, as replies of the line format print it (`server_ip`)."""
    sounds_folder: str = ""
    """Folder of sounds that `sounds_list` shows; empty: it shows none."""
    sounds_url: str = ""
    """What its links begin with."""
    websockets: tuple[str, ...] = ()
    """Origins at which browsers that are phones register, as `wss://pbx.example`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All that the APIs are given."""

    agents: Agents
    manual: ManualDials
    conference: Conference
    transfers: Transfers
    in_groups: InGroups
    playback: Playback
    phones: AgentPhones
    browser_phones: BrowserPhones
    monitoring: Monitoring
    calls: Calls
    recordings: Recordings
    downloads: Downloads
    access: Access
    audit: Audit
    site: Site
    lookups: Lookups
    events: Events
    raw: RawEvents
    idempotency: Idempotency
    health: Health
    metrics: Metrics
    screens: Screens
    leads: Leads
    consents: Consents
    persons: Persons
    imports: ImportDesk
    hopper_desk: HopperDesk
    why: Why
    dnc: Dnc
    dnc_lists: DncVersions
    filters: FilterGroups
    desk: LeadDesk
    list_desk: ListDesk
    hopper: Hopper
    reports: Reports
    intake: Intake
    intake_keys: IntakeKeys
    options: ApiOptions = field(default_factory=ApiOptions)
