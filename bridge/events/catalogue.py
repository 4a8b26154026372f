"""Every event there is: one class a kind, with its type, who may see it, and its fields.

The class is the contract with whoever listens: a field may be added, never renamed or taken away.
`CATALOGUE` finds the class of a type; `decode` turns stored data back into its event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

from bridge.events.agent_events import (
    AgentDialDropped,
    AgentDialing,
    AgentDialQueued,
    AgentEvent,
    AgentInCall,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentLoggingIn,
    AgentLoginFailed,
    AgentMonitored,
    AgentOffered,
    AgentPaused,
    AgentPhone,
    AgentPlayback,
    AgentPreviewDropped,
    AgentPreviewing,
    AgentQueueMissing,
    AgentQueues,
    AgentReady,
    AgentWrapup,
    PreviewEnd,
)
from bridge.events.call_events import (
    CallAnswered,
    CallBridged,
    CallDialing,
    CallDisposed,
    CallEnded,
    CallEvent,
    CallExtensionAnswered,
    CallLeadSwitched,
    CallOptedOut,
    CallParked,
    CallPassedOn,
    CallPlanned,
    CallQueued,
    CallRefused,
    CallRinging,
    CallScreened,
    CallStatusCorrected,
    CallUnknown,
    CallUnparked,
)
from bridge.events.callback_events import (
    CallbackChanged,
    CallbackDone,
    CallbackDue,
    CallbackEvent,
    CallbackMade,
    CallbackRemoved,
)
from bridge.events.delivery_events import DeliveryEvent, DeliveryFailed, DeliveryRetried
from bridge.events.event import Cause, Event, Right
from bridge.events.intake_events import IntakeEvent, IntakeLimited, IntakeRefused
from bridge.events.personal import Personal, marked
from bridge.events.recording_events import (
    RecordingEvent,
    RecordingFetched,
    RecordingStarted,
    RecordingStopped,
)
from bridge.events.screen_events import (
    NotificationQueued,
    ScreenEvent,
    ScreenFieldsUpdated,
    ScreenFocused,
    ScreenLeadSwitched,
    ScreenNotified,
    ScreenPanelsRefreshed,
    ScreenTimerSet,
    ScreenWebphoneLaunched,
)
from bridge.events.system_events import (
    ApiUserStopped,
    AsteriskDown,
    AsteriskEvent,
    AsteriskGap,
    AsteriskUp,
    BridgeEvent,
    BridgeStarted,
    BridgeStopped,
    CampaignDncStale,
    CampaignDropLimit,
    DncListChanged,
    HoldChanged,
    HopperAdded,
    HopperEvent,
    HopperFilled,
    HopperHeld,
    HopperRemoved,
    ImportChanged,
    LeadAdded,
    LeadCallback,
    LeadChanged,
    LeadConsent,
    LeadRemoved,
    LeadsImported,
    LeadsRemoved,
    ListEvent,
    ListReset,
    PersonErased,
    UserTeamSet,
)

__all__ = [
    "CATALOGUE",
    "PERSONAL",
    "AgentDialDropped",
    "AgentDialQueued",
    "AgentDialing",
    "AgentEvent",
    "AgentInCall",
    "AgentLoggedIn",
    "AgentLoggedOut",
    "AgentLoggingIn",
    "AgentLoginFailed",
    "AgentMonitored",
    "AgentOffered",
    "AgentPaused",
    "AgentPhone",
    "AgentPlayback",
    "AgentPreviewDropped",
    "AgentPreviewing",
    "AgentQueueMissing",
    "AgentQueues",
    "AgentReady",
    "AgentWrapup",
    "ApiUserStopped",
    "AsteriskDown",
    "AsteriskEvent",
    "AsteriskGap",
    "AsteriskUp",
    "BridgeEvent",
    "BridgeStarted",
    "BridgeStopped",
    "CallAnswered",
    "CallBridged",
    "CallDialing",
    "CallDisposed",
    "CallEnded",
    "CallEvent",
    "CallExtensionAnswered",
    "CallLeadSwitched",
    "CallOptedOut",
    "CallParked",
    "CallPassedOn",
    "CallPlanned",
    "CallQueued",
    "CallRefused",
    "CallRinging",
    "CallScreened",
    "CallStatusCorrected",
    "CallUnknown",
    "CallUnparked",
    "CallbackChanged",
    "CallbackDone",
    "CallbackDue",
    "CallbackEvent",
    "CallbackMade",
    "CallbackRemoved",
    "CampaignDncStale",
    "CampaignDropLimit",
    "Cause",
    "DeliveryEvent",
    "DeliveryFailed",
    "DeliveryRetried",
    "DncListChanged",
    "Event",
    "HoldChanged",
    "HopperAdded",
    "HopperEvent",
    "HopperFilled",
    "HopperHeld",
    "HopperRemoved",
    "ImportChanged",
    "IntakeEvent",
    "IntakeLimited",
    "IntakeRefused",
    "LeadAdded",
    "LeadCallback",
    "LeadChanged",
    "LeadConsent",
    "LeadRemoved",
    "LeadsImported",
    "LeadsRemoved",
    "ListEvent",
    "ListReset",
    "NotificationQueued",
    "PersonErased",
    "PreviewEnd",
    "RecordingEvent",
    "RecordingFetched",
    "RecordingStarted",
    "RecordingStopped",
    "Right",
    "ScreenEvent",
    "ScreenFieldsUpdated",
    "ScreenFocused",
    "ScreenLeadSwitched",
    "ScreenNotified",
    "ScreenPanelsRefreshed",
    "ScreenTimerSet",
    "ScreenWebphoneLaunched",
    "UserTeamSet",
    "decode",
    "encode",
]


def _kinds(base: type[Event]) -> Iterator[type[Event]]:
    for kind in base.__subclasses__():
        if kind.type:
            yield kind
        yield from _kinds(kind)


CATALOGUE: Mapping[str, type[Event]] = MappingProxyType({kind.type: kind for kind in _kinds(Event)})
"""Type → class."""

PERSONAL: Mapping[str, Mapping[str, Personal]] = MappingProxyType(
    {name: marked(kind) for name, kind in CATALOGUE.items()}
)
"""Type → its personal fields."""

_encode = msgspec.json.Encoder().encode
_decoders = {name: msgspec.json.Decoder(kind).decode for name, kind in CATALOGUE.items()}


def encode(event: Event) -> str:
    """The event's fields as JSON."""
    return _encode(event).decode()


def decode(kind: str, data: bytes | str) -> Event:
    """The event that `encode` wrote; fields of later versions are passed over.

    Raises:
        KeyError: No such type.
        msgspec.ValidationError: The data are not such an event.
    """
    return _decoders[kind](data)
